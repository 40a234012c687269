import TLS
import TestSupport
import Testing

@Suite("Key logs (RFC 9850)")
struct KeyLogTests {
  private static let random = String(repeating: "0123456789abcdef", count: 4)
  private static let secret = String(repeating: "FEDCBA9876543210", count: 6)

  private static let text = """
    # a comment

    CLIENT_RANDOM \(random) \(secret)\r
    SERVER_TRAFFIC_SECRET_0 \(random) \(secret.prefix(64))
    EXPORTER_SECRET \(random) \(secret)
    A_LABEL_OF_TOMORROW \(random) 00
    CLIENT_RANDOM \(random)
    CLIENT_RANDOM \(random) \(secret.dropLast(2))
    CLIENT_RANDOM \(random.dropLast(2)) \(secret)
    CLIENT_TRAFFIC_SECRET_0 \(random) xyz
    nonsense
    \(String(repeating: "long ", count: 1000))
      # another \(String(repeating: "long ", count: 1000))
    RSA 0011223344556677 \(secret)
    CLIENT_HANDSHAKE_TRAFFIC_SECRET \(random) \(secret)
    """

  /// What a log comes to: how many secrets, and what is wrong.
  private struct Outcome: Equatable {
    var count: Int
    var faults: [KeyLogFault]
  }

  @Test("lines are read in pieces of any size, and wrong ones are told by their numbers")
  func lines() throws {
    let outcome = readEveryWay(Array(Self.text.utf8)) { pieces in
      var log = KeyLog()
      var reader = KeyLogReader()
      var faults: [KeyLogFault] = []
      for piece in pieces {
        var position = 0
        while let fault = reader.next(piece.span.bytes, &position, into: &log) { faults.append(fault) }
      }
      if let fault = reader.finish(into: &log) { faults.append(fault) }
      return Outcome(count: log.count, faults: faults)
    }
    #expect(outcome.difference == nil)
    #expect(outcome.whole.count == 4)
    #expect(
      outcome.whole.faults == [
        KeyLogFault(kind: .malformed, line: 7), KeyLogFault(kind: .wrongLength, line: 8),
        KeyLogFault(kind: .wrongLength, line: 9), KeyLogFault(kind: .malformed, line: 10),
        KeyLogFault(kind: .malformed, line: 11), KeyLogFault(kind: .tooLong, line: 12),
      ])
  }

  @Test("it does not say what the secrets are")
  func silence() {
    let log = keyLog(["CLIENT_RANDOM \(Self.random) \(Self.secret)"])
    var text = "\(log)"
    dump(log, to: &text)
    #expect(!text.lowercased().contains("fedcba98"))
    #expect(!text.contains("254, 220, 186"))
  }

  @Test("a byte order mark in front is no part of the first line")
  func byteOrderMark() {
    var log = KeyLog()
    let text = [0xEF, 0xBB, 0xBF] + Array("CLIENT_RANDOM \(Self.random) \(Self.secret)\n".utf8)
    #expect(log.read(text.span.bytes).isEmpty)
    #expect(log.count == 1)
  }

  @Test("where there are too many secrets, the newest are kept, and that is told once")
  func limit() throws {
    let talk = try RecordedTalk("tls13-aes128gcm")
    let others = (0..<100).map {
      "CLIENT_RANDOM \(String(Self.random.dropLast(2)) + String($0 + 100).suffix(2)) \(Self.secret)"
    }
    for lines in [others + talk.keys, others + talk.keys + others.prefix(5)] {
      var log = KeyLog(limit: 5)
      let faults = log.read(Array(lines.joined(separator: "\n").utf8).span.bytes)
      #expect(log.count <= 5)
      #expect(faults.map(\.kind) == [.tooMany])
      var reader = Eavesdropper(log)
      for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
      reader.finish()
      #expect((reader.said == talk.said) == (lines.count == others.count + talk.keys.count))
    }
  }
}
