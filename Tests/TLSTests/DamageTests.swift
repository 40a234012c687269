import TLS
import TestSupport
import Testing

@Suite("What the capture lacks, or has wrong, is never made up")
struct DamageTests {
  /// Whether `part` comes of leaving stretches of `whole` out: each piece stands in it, in order.
  private func isPart(_ part: [UInt8], of whole: [UInt8]) -> Bool {
    var rest = whole[...]
    for byte in part {
      guard let place = rest.firstIndex(of: byte) else { return false }
      rest = rest[(place + 1)...]
    }
    return true
  }

  @Test("a record that was changed on the way is left out", arguments: RecordedTalk.names)
  func changed(name: String) throws {
    let talk = try RecordedTalk(name)
    var random = SeededGenerator.announced("changes of \(name)")
    for _ in 0..<20 {
      var reader = Eavesdropper(talk.log)
      let victim = Int.random(in: 0..<talk.pieces.count, using: &random)
      for (i, piece) in talk.pieces.enumerated() {
        var bytes = piece.bytes
        if i == victim {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << Int.random(in: 0...7, using: &random)
        }
        reader.take(piece.side, bytes)
      }
      reader.finish()
      for side in 0...1 { #expect(isPart(reader.said[side], of: talk.said[side])) }
    }
  }

  @Test(
    "decryption goes on behind a gap, wherever it is in the application data",
    arguments: [
      "tls13-aes128gcm", "tls13-chacha20", "tls12-aes128gcm", "tls12-chacha20", "tls12-ccm8", "tls12-cbc-sha1",
      "tls12-cbc-sha256", "tls10-cbc", "tls13-keyupdate", "tls13-ccm",
    ])
  func gaps(name: String) throws {
    let talk = try RecordedTalk(name)
    var random = SeededGenerator.announced("gaps of \(name)")
    for _ in 0..<60 {
      var reader = Eavesdropper(talk.log)
      let side = Int.random(in: 0...1, using: &random)
      let stream = talk.pieces.filter { $0.side == side }.flatMap(\.bytes)
      // Somewhere behind the handshake, before the last record.
      let start = stream.count - Int.random(in: 100...800, using: &random)
      let count = Int.random(in: 1...90, using: &random)
      var taken = 0
      for piece in talk.pieces {
        guard piece.side == side else {
          reader.take(piece.side, piece.bytes)
          continue
        }
        let (from, to) = (max(start - taken, 0), min(max(start + count - taken, 0), piece.bytes.count))
        taken += piece.bytes.count
        guard from < piece.bytes.count, to > from else {
          reader.take(side, piece.bytes)
          continue
        }
        reader.take(side, Array(piece.bytes[..<from]))
        reader.skip(side, to - from)
        reader.take(side, Array(piece.bytes[to...]))
      }
      reader.finish()
      #expect(reader.said[1 - side] == talk.said[1 - side])
      #expect(isPart(reader.said[side], of: talk.said[side]))
      let lost = talk.said[side].count - reader.said[side].count
      let told = reader.events[side].reduce(0) { sum, event in
        if case .gap(let gap) = event { sum + Int(gap.most) } else { sum }
      }
      #expect(told >= lost, "\(start) \(count): \(reader.events[side])")
      for case .gap(let gap) in reader.events[side] where gap.isExact && reader.events[side].count == 1 {
        #expect(gap.most == lost)
      }
    }
  }

  /// The records of the direction `side` that hold application data or come behind the hellos: where they begin.
  private func records(_ stream: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var position = 0
    while position + 5 <= stream.count {
      if stream[position] == 23 { starts.append(position) }
      position += 5 + Int(stream[position + 3]) << 8 + Int(stream[position + 4])
    }
    return starts
  }

  @Test(
    "without the secrets of the handshake, a damaged record is told and costs no more than itself", arguments: [0, 1],
    ["tls13-aes256gcm", "tls13-chacha20", "tls13-client-certificate"])
  func damagedBehindUnknownHandshake(side: Int, name: String) throws {
    let talk = try RecordedTalk(name)
    let log = keyLog(talk.keys.filter { $0.contains("TRAFFIC_SECRET_0") })
    let stream = talk.pieces.filter { $0.side == side }.flatMap(\.bytes)
    // The last one is an alert.
    for start in records(stream).dropLast(2) {
      var reader = Eavesdropper(log)
      var bytes = stream
      bytes[start + 8] ^= 1
      reader.take(0, side == 0 ? bytes : talk.pieces.filter { $0.side == 0 }.flatMap(\.bytes))
      reader.take(1, side == 1 ? bytes : talk.pieces.filter { $0.side == 1 }.flatMap(\.bytes))
      reader.finish()
      #expect(reader.said[1 - side] == talk.said[1 - side])
      #expect(isPart(reader.said[side], of: talk.said[side]))
      #expect(reader.said[side].suffix(40) == talk.said[side].suffix(40), "record at \(start)")
      if reader.said[side] != talk.said[side] {
        #expect(reader.events[side].contains(.badRecord), "record at \(start): \(reader.events[side])")
        #expect(reader.connection.information.obstacle == .badRecords)
      }
    }
  }

  @Test(
    "a direction of which nothing can be read is told, also without the secrets of the handshake", arguments: [0, 1])
  func wrongTrafficSecret(side: Int) throws {
    let talk = try RecordedTalk("tls13-aes256gcm")
    let wrong = side == 0 ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0"
    let lines = talk.keys.filter { $0.contains("TRAFFIC_SECRET_0") }.map { line in
      line.hasPrefix(wrong) ? String(line.dropLast(2)) + (line.hasSuffix("00") ? "01" : "00") : line
    }
    var reader = Eavesdropper(keyLog(lines))
    for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said[side].isEmpty && reader.said[1 - side] == talk.said[1 - side])
    #expect(reader.events[side].count == 1)
    guard case .opaque = reader.events[side].first else {
      Issue.record("\(reader.events)")
      return
    }
  }

  @Test("bytes of any kind do no harm")
  func hostile() throws {
    var random = SeededGenerator.announced("hostile")
    let talk = try RecordedTalk("tls13-aes128gcm")
    for _ in 0..<300 {
      var reader = Eavesdropper(talk.log)
      for piece in talk.pieces {
        var bytes = piece.bytes
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        switch Int.random(in: 0...9, using: &random) {
        case 0: reader.skip(piece.side, Int.random(in: 1...70_000, using: &random))
        case 1: reader.take(piece.side, (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
        default: reader.take(piece.side, bytes)
        }
      }
      reader.finish()
      for side in 0...1 { #expect(isPart(reader.said[side], of: talk.said[side])) }
    }
  }
}
