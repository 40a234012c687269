import Testing
import Transport

@Suite("How a stream begins")
struct StreamStartTests {
  @Test("SYN may carry data (RFC 7413), and its retransmission without")
  func fastOpen() {
    var rig = ConnectionRig()
    rig.syn(.client, "GET ")
    rig.syn(.server, ack: 4)
    rig.syn(.client)
    rig.send(.client, 4, "/")
    #expect(rig.heard(.client) == "GET /")
    #expect(rig.remarks(.client) == [])
  }

  @Test("data that the server did not take with SYN is sent again, and taken once")
  func fastOpenRefused() {
    var rig = ConnectionRig()
    rig.syn(.client, "GET ")
    rig.syn(.server, ack: 0)
    rig.send(.client, 0, "GET ")
    rig.send(.client, 4, "/")
    #expect(rig.heard(.client) == "GET /")
    #expect(rig.remarks(.client) == [])
  }

  @Test("SYN that is written down after data begins the stream all the same", arguments: 0..<6)
  func synLate(position: Int) {
    var rig = ConnectionRig()
    var segments: [(inout ConnectionRig) -> Void] = [
      { $0.syn(.server, ack: 0) }, { $0.send(.client, 3, "def") }, { $0.send(.client, 0, "abc") },
      { $0.send(.server, 2, "zwei", ack: 6) }, { $0.send(.server, 0, "12", ack: 6) },
    ]
    segments.insert({ $0.syn(.client) }, at: position)
    for segment in segments { segment(&rig) }
    rig.finish()
    #expect(rig.heard(.client) == "abcdef")
    #expect(rig.heard(.server) == "12zwei")
    #expect(rig.connection.initiator == rig.connection.key.direction(from: .client))
  }

  @Test("both SYNs may come after the data of both ends")
  func bothLate() {
    var rig = ConnectionRig()
    rig.send(.server, 0, "101", ack: 3)
    rig.send(.client, 0, "GET", ack: 0)
    rig.syn(.server, ack: 0)
    rig.syn(.client)
    rig.send(.client, 3, "!", ack: 3)
    rig.send(.server, 3, "?", ack: 4)
    #expect(rig.heard(.client) == "GET!")
    #expect(rig.heard(.server) == "101?")
    #expect(rig.remarks(.client) == [])
  }

  @Test("where SYN with ACK is missing, the first acknowledgment names the first byte")
  func synAckMissing() {
    var rig = ConnectionRig()
    rig.syn(.client)
    rig.ack(.client, 0)
    rig.send(.client, 0, "GET", ack: 0)
    rig.send(.server, 2, "cd", ack: 3)
    rig.send(.server, 0, "ab", ack: 3)
    for i in 0..<20 { rig.send(.server, 4 + i, ".", ack: 3) }
    #expect(rig.heard(.server) == "abcd" + String(repeating: ".", count: 20))
  }

  @Test("also where the first bytes themselves are missing")
  func synAckAndFirstBytesMissing() {
    var rig = ConnectionRig()
    rig.syn(.client)
    rig.ack(.client, 0)
    rig.send(.server, 2, "cd", ack: 0)
    rig.finish()
    #expect(rig.heard(.server) == "<2 skipped>cd")
  }

  @Test("a capture that begins later begins with the first bytes, put in order")
  func midstream() {
    var rig = ConnectionRig()
    rig.send(.client, 1003, "def", ack: 70)
    rig.send(.client, 1000, "abc", ack: 70)
    for i in 0..<20 { rig.ack(.server, 1006, at: 70 + i * 0) }
    #expect(rig.heard(.client) == "abcdef")
    rig.send(.client, 1006, "ghi", ack: 70)
    #expect(rig.heard(.client) == "abcdefghi", "no waiting once it has begun")
    #expect(rig.pieces[0].first == .bytes(Array("abc".utf8), at: 0, packet: 2))
  }

  @Test("half a second is enough to begin")
  func midstreamSlow() {
    var rig = ConnectionRig()
    rig.send(.client, 1000, "abc", ack: 70)
    rig.clock += 600_000_000
    rig.send(.client, 1003, "def", ack: 70)
    #expect(rig.heard(.client) == "abcdef")
  }

  @Test("and so is the end of the capture")
  func midstreamEnd() {
    var rig = ConnectionRig()
    rig.send(.client, 1000, "abc", ack: 70)
    rig.fin(.client, 1003, ack: 70)
    rig.finish()
    #expect(rig.heard(.client) == "abc|")
    #expect(rig.firstBreak(.client) == nil)
  }

  @Test("a keep-alive probe without data does not begin a stream one byte early")
  func midstreamKeepAlive() {
    var rig = ConnectionRig()
    rig.send(.client, 999, "", ack: 70)
    rig.send(.client, 1000, "abc", ack: 70)
    for _ in 0..<100 { rig.ack(.server, 1003, at: 70) }
    rig.finish()
    #expect(rig.heard(.client) == "abc")
  }

  @Test("old bytes are counted, and what is new behind them is taken")
  func beforeStart() {
    var rig = ConnectionRig()
    rig.send(.client, 1000, "abc", ack: 70)
    rig.clock += 600_000_000
    rig.send(.client, 1003, "def", ack: 70)
    rig.send(.client, 990, "0123456789abcdefghi", ack: 70)
    #expect(rig.heard(.client) == "abcdefghi")
    #expect(rig.remarks(.client) == [.discarded(10, .beforeStart)])
  }

  // MARK: Port reuse (RFC 9293 §3.10.7.4)

  @Test("a SYN with another number begins another connection; its own retransmission does not")
  func reuse() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.send(.server, 0, "abc", ack: 3)
    #expect(!rig.isSucceeded(by: .client, 1000))
    #expect(!rig.isSucceeded(by: .server, 5000))
    #expect(rig.isSucceeded(by: .client, 90_000))
    #expect(rig.isSucceeded(by: .server, 90_000))
  }

  @Test("also where only the other end's data was seen before")
  func reuseOfHalfSeen() {
    var rig = ConnectionRig()
    for i in 0..<30 { rig.send(.server, 3 * i, "abc", ack: 2_000) }
    #expect(!rig.isSucceeded(by: .client, 1000), "2,000 bytes ago")
    #expect(rig.isSucceeded(by: .client, 0x5000_0000))
  }

  @Test("also while the first bytes wait for a SYN: theirs lies shortly before them")
  func reuseWhileWaiting() {
    var rig = ConnectionRig()
    rig.send(.client, 500, "abc", ack: 70)
    #expect(!rig.isSucceeded(by: .client, 1000), "500 bytes before")
    #expect(rig.isSucceeded(by: .client, 0x5000_0000))
    #expect(rig.isSucceeded(by: .client, 2000), "after them")
  }

  @Test("a damaged SYN begins nothing")
  func damagedSYN() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 0..<10 { rig.send(.client, i, "x") }
    #expect(!rig.isSucceeded(by: .client, 90_000, checksum: .wrong))
  }
}
