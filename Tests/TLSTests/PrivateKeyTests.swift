import TLS
import TestSupport
import Testing

@Suite("What the private key of a server tells")
struct PrivateKeyTests {
  private static func log(_ talk: RecordedTalk) throws -> KeyLog {
    var log = KeyLog()
    log.add(try RSAPrivateKey(pem: Array(talk.privateKey.joined(separator: "\n").utf8).span.bytes))
    return log
  }

  private static func read(_ talk: RecordedTalk, _ log: KeyLog) -> Eavesdropper {
    var reader = Eavesdropper(log)
    for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    return reader
  }

  @Test(
    "of a session serves for those that resume it, by its identifier or by a ticket", arguments: ["session", "ticket"])
  func resumed(name: String) throws {
    let first = try RecordedTalk("rsa-\(name)-1.trace")
    let second = try RecordedTalk("rsa-\(name)-2.trace")
    var log = try Self.log(first)
    let alone = Self.read(second, log)
    #expect(alone.said == [[], []] && alone.connection.information.obstacle == .resumedSession)
    let begun = Self.read(first, log)
    #expect(begun.said == first.said)
    log.learn(from: begun.connection)
    let resumed = Self.read(second, log)
    #expect(resumed.said == second.said)
    #expect(resumed.connection.information.isResumed == true && resumed.connection.information.obstacle == nil)
  }

  @Test(
    "a key of another server is told from one that is missing", arguments: ["tls12-rsa", "tls12-rsa-cbc", "tls10-rsa"])
  func otherServer(name: String) throws {
    let reader = Self.read(try RecordedTalk(name), try Self.log(try RecordedTalk("rsa-session-1.trace")))
    #expect(reader.said == [[], []])
    #expect(reader.connection.information.obstacle == .wrongPrivateKey)
  }

  @Test("secrets that were made with it can be written down, and serve without it", arguments: ["session", "ticket"])
  func written(name: String) throws {
    let talk = try RecordedTalk("rsa-\(name)-1.trace")
    let reader = Self.read(talk, try Self.log(talk))
    var text: [UInt8] = []
    let secrets = try #require(reader.connection.newSecrets(reader.log, skipsEmbedded: true))
    secrets.append(to: &text)
    #expect(String(decoding: text, as: UTF8.self).hasPrefix("CLIENT_RANDOM "))
    var log = KeyLog()
    log.read(text.span.bytes)
    #expect(Self.read(talk, log).said == talk.said)
    #expect(reader.connection.newSecrets(reader.log, skipsEmbedded: true) == nil, "each is given once")
  }
}
