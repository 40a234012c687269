import TLS
import TestSupport
import Testing

@Suite("What OpenSSL says to itself is read with the key log")
struct TalkTests {
  @Test("all of it, for every version, suite and handshake", arguments: RecordedTalk.names)
  func all(name: String) throws {
    let talk = try RecordedTalk(name)
    var reader = Eavesdropper(talk.log)
    for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said == talk.said, "\(reader.connection.information)")
    #expect(reader.events == [[], []])
    let information = reader.connection.information
    #expect(information.obstacle == nil)
    #expect(information.hasData)
    #expect(information.serverName == "tea.example")
    #expect(information.offeredProtocols == ["h2", "http/1.1"])
    #expect(information.chosenProtocol == "http/1.1")
    #expect(information.isResumed == ["resumed", "early"].contains { name.contains($0) && !name.contains("refused") })
    if information.isResumed == false {
      #expect(information.certificate?.subject == "CN=tea.example,O=Käsekuchen")
      #expect(information.certificate?.names == ["tea.example", "*.tea.example"])
    }
    let version = name.prefix { $0 != "-" }.dropFirst(3)
    #expect(information.version?.name == version.prefix(1) + "." + version.dropFirst())
    #expect(information.suite?.name.hasPrefix("TLS_") == true)
  }

  @Test("in pieces of any size", arguments: ["tls13-keyupdate", "tls12-cbc-sha1", "tls13-early", "tls10-cbc"])
  func pieces(name: String) throws {
    let talk = try RecordedTalk(name)
    var random = SeededGenerator.announced("pieces of \(name)")
    for round in 0..<40 {
      var reader = Eavesdropper(talk.log)
      let most = [1, 2, 7, 50, 2000][round % 5]
      for piece in talk.pieces {
        var rest = piece.bytes[...]
        while !rest.isEmpty {
          let count = min(rest.count, Int.random(in: 1...most, using: &random))
          reader.take(piece.side, Array(rest.prefix(count)))
          rest = rest.dropFirst(count)
        }
      }
      reader.finish()
      #expect(reader.said == talk.said)
      #expect(reader.events == [[], []])
    }
  }

  @Test("however the directions were interleaved by the capture", arguments: RecordedTalk.names)
  func order(name: String) throws {
    let talk = try RecordedTalk(name)
    var random = SeededGenerator.announced("order of \(name)")
    for round in 0..<12 {
      var reader = Eavesdropper(talk.log)
      var queues = [0, 1].map { side in talk.pieces.filter { $0.side == side } }
      while !queues[0].isEmpty || !queues[1].isEmpty {
        // All of one, then all of the other; or by chance.
        let wanted = round < 2 ? round : Int.random(in: 0...1, using: &random)
        let side = queues[wanted].isEmpty ? 1 - wanted : wanted
        let piece = queues[side].removeFirst()
        reader.take(piece.side, piece.bytes)
      }
      reader.finish()
      // A later handshake inside the first one needs its order.
      if name != "tls12-renegotiated" { #expect(reader.said == talk.said) }
    }
  }

  // A later handshake inside the first one needs its order.
  @Test(
    "with secrets that come last, or line by line", arguments: RecordedTalk.names.filter { $0 != "tls12-renegotiated" })
  func late(name: String) throws {
    let talk = try RecordedTalk(name)
    var last = Eavesdropper(KeyLog())
    for piece in talk.pieces { last.take(piece.side, piece.bytes) }
    #expect(last.said == [[], []])
    for count in 1...talk.keys.count {
      last.log = keyLog(Array(talk.keys.prefix(count)))
      last.pump()
    }
    last.finish()
    #expect(last.said == talk.said)
  }

  @Test("with the server's private key alone", arguments: RecordedTalk.names.filter { $0.contains("rsa") })
  func privateKey(name: String) throws {
    let talk = try RecordedTalk(name)
    var log = KeyLog()
    log.add(try RSAPrivateKey(pem: Array(talk.privateKey.joined(separator: "\n").utf8).span.bytes))
    for lines in [[], talk.keys.filter { $0.hasPrefix("RSA ") }] {
      if !lines.isEmpty { log = keyLog(lines) }
      var reader = Eavesdropper(log)
      for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
      reader.finish()
      #expect(reader.said == talk.said)
    }
  }

  @Test("with the secrets of application data only")
  func partialLog() throws {
    let talk = try RecordedTalk("tls13-aes256gcm")
    var reader = Eavesdropper(keyLog(talk.keys.filter { $0.contains("TRAFFIC_SECRET_0") }))
    for piece in talk.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said == talk.said)
    #expect(reader.connection.information.certificate == nil)
    #expect(reader.connection.information.obstacle == nil)

    var half = Eavesdropper(keyLog(talk.keys.filter { $0.hasPrefix("SERVER") }))
    for piece in talk.pieces { half.take(piece.side, piece.bytes) }
    half.finish()
    #expect(half.said == [[], talk.said[1]])
    #expect(half.events == [[.opaque(.incompleteSecrets)], []])
  }

  @Test("not without secrets, nor with those of another connection", arguments: RecordedTalk.names)
  func wrong(name: String) throws {
    let talk = try RecordedTalk(name)
    var none = Eavesdropper(KeyLog())
    for piece in talk.pieces { none.take(piece.side, piece.bytes) }
    none.finish()
    #expect(none.said == [[], []])
    #expect(none.connection.information.obstacle == .noKeys)
    // The same client random, other secrets.
    let lines = talk.keys.map { line in
      var words = line.split(separator: " ").map { String($0) }
      words[2] = String(words[2].reversed())
      return words.joined(separator: " ")
    }
    var other = Eavesdropper(keyLog(lines))
    for piece in talk.pieces { other.take(piece.side, piece.bytes) }
    other.finish()
    #expect(other.said == [[], []])
    #expect(other.connection.information.obstacle != nil)
  }

  @Test("a private key that cannot serve is told from one that is missing")
  func uselessPrivateKey() throws {
    let key = try RecordedTalk("tls12-rsa").privateKey.joined(separator: "\n")
    for name in ["tls13-aes128gcm", "tls12-aes128gcm"] {
      var log = KeyLog()
      log.add(try RSAPrivateKey(pem: Array(key.utf8).span.bytes))
      var reader = Eavesdropper(log)
      for piece in try RecordedTalk(name).pieces { reader.take(piece.side, piece.bytes) }
      reader.finish()
      #expect(reader.said == [[], []])
      #expect(reader.connection.information.obstacle == .noRSAKeyExchange)
    }
  }
}
