import Testing

@testable import Transport

@Suite("Wrong checksums: damage, or an unfinished job of the network card")
struct ChecksumJudgeTests {
  @Test("where a sender's checksums are right otherwise, a wrong one means that the receiver dropped the segment")
  func damage() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.damaged(.client, 0, "bad ", ack: 0)
    rig.send(.client, 0, "good")
    #expect(rig.heard(.client) == "good")
    #expect(rig.remarks(.client) == [.discarded(4, .wrongChecksum)])
  }

  @Test(
    "if the receiver acknowledges the bytes and no other copy comes, it took them: the checksum is not the one on the wire"
  )
  func acknowledgedAfterAll() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.damaged(.client, 0, "two segments put together", ack: 0)
    rig.send(.client, 25, " and one more")
    rig.ack(.server, 38)
    rig.finish()
    #expect(rig.heard(.client) == "two segments put together and one more")
    #expect(rig.remarks(.client) == [.discarded(25, .wrongChecksum)])
  }

  @Test("if it does not acknowledge them, they stay out")
  func neverAcknowledged() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.damaged(.client, 0, "damaged", ack: 0)
    rig.send(.client, 7, " later")
    rig.ack(.server, 0)
    rig.finish()
    #expect(rig.heard(.client) == "<7 skipped> later")
  }

  @Test("what it acknowledges is not believed, and neither is its RST, FIN or SYN")
  func damagedControl() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 0..<10 { rig.send(.server, i, "x") }
    rig.send(.client, 0, "abc")
    rig.damaged(.server, 10, "", ack: 2_000)
    rig.damaged(.server, 10, "", ack: 3, flags: .rst)
    for i in 10..<110 { rig.send(.server, i, "x", ack: 3) }
    rig.finish()
    #expect(rig.heard(.client) == "abc")
    #expect(rig.resets == [])
  }

  @Test("where they are wrong as a rule, they say nothing")
  func unfinished() {
    var rig = ConnectionRig()
    for (offset, text) in [(-1, ""), (0, "abc"), (3, "def"), (6, "ghi")] {
      rig.damaged(.client, offset, text, ack: nil, flags: offset < 0 ? .syn : .psh)
    }
    #expect(rig.heard(.client) == "abcdefghi")
    #expect(rig.remarks(.client) == [])
  }

  @Test("also where the first ones were right")
  func unfinishedAfterwards() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 0..<20 { rig.damaged(.client, i, "x", ack: 0) }
    for i in 0..<4 { rig.damaged(.client, i, "x", ack: 0) }
    #expect(rig.heard(.client) == String(repeating: "x", count: 20))
  }

  @Test("each direction is judged by itself")
  func directions() {
    var rig = ConnectionRig()
    rig.damaged(.client, -1, "", ack: nil, flags: .syn)
    rig.syn(.server, ack: 0)
    for i in 0..<20 {
      rig.damaged(.client, i, "c", ack: i)
      rig.send(.server, i, "s", ack: i + 1)
    }
    rig.damaged(.server, 20, "?", ack: 20)
    #expect(rig.heard(.client) == String(repeating: "c", count: 20))
    #expect(rig.heard(.server) == String(repeating: "s", count: 20))
  }

  @Test("one that cannot be told is taken")
  func unknown() {
    var judge = ChecksumJudge()
    for _ in 0..<100 { _ = judge.accepts(.with(.valid)) }
    let (takesUnknown, takesWrong) = (judge.accepts(.with(.unknown)), judge.accepts(.with(.wrong)))
    #expect(takesUnknown)
    #expect(!takesWrong)
    #expect(!judge.wouldAccept(.with(.wrong)))
  }

  @Test("all are taken where the user says so")
  func trusting() {
    var rig = ConnectionRig()
    rig.isTrusting = true
    rig.handshake()
    rig.damaged(.client, 0, "abc", ack: 0)
    #expect(rig.heard(.client) == "abc")
  }
}

extension ConnectionRig {
  fileprivate mutating func damaged(_ end: End, _ offset: Int, _ text: String, ack: Int?, flags: TCPFlags = .psh) {
    show(end, sequence: sequence(end, offset), ack: ack, flags: flags, Array(text.utf8), checksum: .wrong)
  }
}

extension TCPSegment {
  fileprivate static func with(_ checksum: TCPChecksum) -> TCPSegment {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    return TCPSegment(
      source: nowhere, destination: nowhere, sequence: SequenceNumber(0), flags: .ack, checksum: checksum,
      payload: 0..<0, payloadLength: 0)
  }
}
