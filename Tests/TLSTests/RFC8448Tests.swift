import TLS
import TestSupport
import Testing

@Suite("The example handshakes of RFC 8448")
struct RFC8448Tests {
  @Test("§3: simple 1-RTT handshake")
  func simple() throws {
    let trace = try RecordedTalk("rfc8448-simple.trace")
    let outcome = readEveryWay(trace.pieces.filter { $0.side == 1 }.flatMap(\.bytes)) { pieces in
      var reader = Eavesdropper(trace.log)
      for piece in trace.pieces where piece.side == 0 { reader.take(0, piece.bytes) }
      for piece in pieces { reader.take(1, piece) }
      reader.finish()
      return reader.said
    }
    #expect(outcome.difference == nil)
    #expect(outcome.whole == trace.said)

    var reader = Eavesdropper(trace.log)
    for piece in trace.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said == trace.said && reader.events == [[], []])
    let information = reader.connection.information
    #expect(information.version == .tls13 && information.suite?.name == "TLS_AES_128_GCM_SHA256")
    #expect(information.serverName == "server" && information.isResumed == false)
    #expect(information.certificate?.subject == "CN=rsa")
    #expect(information.obstacle == nil)
  }

  @Test("§4: resumed 0-RTT handshake")
  func early() throws {
    let trace = try RecordedTalk("rfc8448-early.trace")
    var reader = Eavesdropper(trace.log)
    for piece in trace.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said == trace.said && reader.events == [[], []])
    #expect(reader.connection.information.isResumed == true && reader.connection.information.obstacle == nil)

    // Without the secret of the early data, what comes behind it is read, and the loss is told.
    var late = Eavesdropper(keyLog(trace.keys.filter { !$0.hasPrefix("CLIENT_EARLY") }))
    for piece in trace.pieces { late.take(piece.side, piece.bytes) }
    late.finish()
    #expect(late.said == [Array(trace.said[0].dropFirst(6)), trace.said[1]])
    #expect(late.events[0].contains { if case .gap = $0 { true } else { false } })
  }

  // Nothing is said in it: that every record was authentic shows in its certificate, and in no events.
  @Test("§5: HelloRetryRequest")
  func retry() throws {
    let trace = try RecordedTalk("rfc8448-retry.trace")
    var reader = Eavesdropper(trace.log)
    for piece in trace.pieces { reader.take(piece.side, piece.bytes) }
    reader.finish()
    #expect(reader.said == [[], []] && reader.events == [[], []])
    let information = reader.connection.information
    #expect(information.serverName == "server" && information.isResumed == false)
    #expect(information.certificate != nil && information.obstacle == nil)

    // A bit that is wrong in the last record of each shows that they were opened.
    for side in 0...1 {
      var damaged = Eavesdropper(trace.log)
      let last = trace.pieces.lastIndex { $0.side == side }
      for (i, piece) in trace.pieces.enumerated() {
        var bytes = piece.bytes
        if i == last { bytes[bytes.count - 1] ^= 1 }
        damaged.take(piece.side, bytes)
      }
      damaged.finish()
      #expect(damaged.events[side].first == .badRecord)
    }
  }
}
