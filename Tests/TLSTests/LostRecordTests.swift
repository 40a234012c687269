import TLS
import TestSupport
import Testing

@Suite("Records that are missing as a whole")
struct LostRecordTests {
  /// The records of a direction: their types and where they are.
  private static func records(_ talk: RecordedTalk, _ side: Int) -> [(type: UInt8, range: Range<Int>)] {
    let stream = talk.pieces.filter { $0.side == side }.flatMap(\.bytes)
    var records: [(type: UInt8, range: Range<Int>)] = []
    var position = 0
    while position + 5 <= stream.count {
      let end = position + 5 + Int(stream[position + 3]) << 8 + Int(stream[position + 4])
      records.append((stream[position], position..<end))
      position = end
    }
    return records
  }

  /// What is read where the bytes `lost` of the direction `side` are missing.
  private static func reader(_ talk: RecordedTalk, _ side: Int, without lost: Range<Int>) -> Eavesdropper {
    var reader = Eavesdropper(talk.log)
    var place = 0
    var isSkipped = false
    for piece in talk.pieces {
      guard piece.side == side else {
        reader.take(piece.side, piece.bytes)
        continue
      }
      let piecePlace = place..<place + piece.bytes.count
      place = piecePlace.upperBound
      let before = piecePlace.clamped(to: 0..<lost.lowerBound)
      let behind = piecePlace.clamped(to: lost.upperBound..<Int.max)
      if !before.isEmpty { reader.take(side, Array(piece.bytes[0..<before.count])) }
      guard !behind.isEmpty else { continue }
      if !isSkipped {
        reader.skip(side, lost.count)
        isSkipped = true
      }
      reader.take(side, Array(piece.bytes.suffix(behind.count)))
    }
    reader.finish()
    return reader
  }

  @Test(
    "without change_cipher_spec and Finished, all is read that comes behind them",
    arguments: RecordedTalk.names.filter { $0.hasPrefix("tls1") && !$0.hasPrefix("tls13") && !$0.contains("renegot") },
    [0, 1])
  func endOfHandshake(name: String, side: Int) throws {
    let talk = try RecordedTalk(name)
    let records = Self.records(talk, side)
    let first = try #require(records.firstIndex { $0.type == 20 })
    let lost = records[first].range.lowerBound..<records[first + 1].range.upperBound
    let reader = Self.reader(talk, side, without: lost)
    #expect(reader.said[1 - side] == talk.said[1 - side])
    // The first record of TLS 1.0 begins with the block before it, which is missing here.
    if name == "tls10-cbc" || name == "tls10-rsa" {
      #expect(reader.said[side].suffix(500) == talk.said[side].suffix(500))
    } else {
      #expect(reader.said[side] == talk.said[side])
      #expect(reader.events == [[], []])
    }
  }

  @Test("of two ClientHellos, one is enough", arguments: [0, 1])
  func secondHello(missing: Int) throws {
    let talk = try RecordedTalk("tls13-retry")
    let hellos = Self.records(talk, 0).filter { $0.type == 22 }
    #expect(hellos.count == 2)
    var reader = Eavesdropper(talk.log)
    var place = 0
    let lost = hellos[missing].range
    // The answer to the first one is seen before it is known that the first one is missing.
    var gap = 0
    for piece in talk.pieces {
      guard piece.side == 0 else {
        reader.take(1, piece.bytes)
        continue
      }
      for byte in piece.bytes {
        if lost.contains(place) {
          gap += 1
        } else {
          if gap > 0 { reader.skip(0, gap) }
          gap = 0
          reader.take(0, [byte])
        }
        place += 1
      }
    }
    reader.finish()
    #expect(reader.said == talk.said)
    #expect(reader.events == [[], []])
  }

  @Test("decryption goes on behind them", arguments: RecordedTalk.names.filter { !$0.contains("early") }, [0, 1])
  func middle(name: String, side: Int) throws {
    let talk = try RecordedTalk(name)
    let records = Self.records(talk, side)
    // What was said last is by far the longest.
    let last = try #require(records.lastIndex { $0.range.count > 600 && $0.type == 23 })
    guard last > 0, records[last - 1].type == 23 else { return }
    // TLS 1.0 sends the first byte by itself.
    let end = name.hasPrefix("tls10") ? last - 1 : last
    let reader = Self.reader(talk, side, without: records[end - 2].range.lowerBound..<records[end - 1].range.upperBound)
    #expect(reader.said[1 - side] == talk.said[1 - side])
    #expect(reader.said[side].suffix(500) == talk.said[side].suffix(500))
    for case .gap(let gap) in reader.events[side] where name.hasPrefix("tls13") && side == 1 {
      #expect(!gap.isExact, "a server may send tickets at any time")
    }
  }

  /// What is read where `change` is made to the bytes of the server.
  private static func reader(_ talk: RecordedTalk, changing change: (inout [UInt8]) -> Void) -> Eavesdropper {
    var reader = Eavesdropper(talk.log)
    var stream = talk.pieces.filter { $0.side == 1 }.flatMap(\.bytes)
    change(&stream)
    reader.take(0, talk.pieces.filter { $0.side == 0 }.flatMap(\.bytes))
    reader.take(1, stream)
    reader.finish()
    return reader
  }

  @Test(
    "however many records somebody slipped in, those of the server are read",
    arguments: ["tls13-aes128gcm", "tls12-chacha20"])
  func slippedIn(name: String) throws {
    let talk = try RecordedTalk(name)
    let last = try #require(Self.records(talk, 1).last { $0.range.count > 600 }).range.lowerBound
    let record: [UInt8] = [23, 3, 3, 0, 48] + (0..<48).map { $0 &* 37 }
    let reader = Self.reader(talk) { stream in
      stream.insert(contentsOf: Array(repeatElement(record, count: 20).joined()), at: last)
    }
    #expect(reader.said == talk.said)
    #expect(reader.connection.information.obstacle == nil)
  }

  @Test("a first record that was changed says nothing of the secret, once another one is sound")
  func firstRecord() throws {
    let talk = try RecordedTalk("tls12-aes128gcm")
    let finished = try #require(Self.records(talk, 1).first { $0.type == 20 }).range.upperBound
    let reader = Self.reader(talk) { $0[finished + 20] ^= 1 }
    #expect(reader.said == talk.said)
    #expect(reader.events[1].contains(.badRecord))
    #expect(reader.connection.information.obstacle == nil)
  }

  @Test("several KeyUpdates may be among them", arguments: [0, 1])
  func keyUpdates(side: Int) throws {
    let talk = try RecordedTalk("tls13-keyupdate")
    let records = Self.records(talk, side)
    let last = try #require(records.lastIndex { $0.range.count > 600 })
    for first in last - 5..<last {
      let lost = records[first].range.lowerBound..<records[last - 1].range.upperBound
      let reader = Self.reader(talk, side, without: lost)
      #expect(reader.said[1 - side] == talk.said[1 - side])
      #expect(reader.said[side].suffix(500) == talk.said[side].suffix(500))
    }
  }
}
