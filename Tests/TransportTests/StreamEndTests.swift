import Testing
import Transport

@Suite("How a stream ends")
struct StreamEndTests {
  @Test("FIN ends a stream when all before it is there; both FINs end the connection")
  func fin() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.fin(.client, 3, "def")
    #expect(rig.heard(.client) == "")
    rig.send(.client, 0, "abc")
    #expect(rig.heard(.client) == "abcdef|")
    #expect(!rig.connection.isClosed)
    rig.send(.server, 0, "answer", ack: 7)
    rig.fin(.server, 6, ack: 7)
    #expect(rig.heard(.server) == "answer|")
    #expect(rig.connection.isClosed)
  }

  @Test("a FIN that comes again ends nothing again")
  func finTwice() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.fin(.client, 0, "abc")
    rig.fin(.client, 0, "abc")
    rig.fin(.client, 3)
    #expect(rig.heard(.client) == "abc|")
    #expect(rig.remarks(.client) == [])
  }

  @Test("the FIN of the earlier packet is the first, whichever is written down first")
  func firstFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.clock += 5_000_000
    rig.fin(.server, 0)
    rig.clock -= 5_000_000
    rig.fin(.client, 0, ack: 1)
    #expect(rig.connection.finishedFirst == rig.connection.key.direction(from: .client))
  }

  @Test("bytes after FIN are left out and counted, wherever they come")
  func afterFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 5, "waiting")
    rig.fin(.client, 3)
    rig.send(.client, 2, "cdef")
    rig.send(.client, 0, "abc")
    rig.send(.client, 3, "more")
    rig.finish()
    #expect(rig.heard(.client) == "abc|")
    var discarded = 0
    for case .discarded(let count, .afterEnd) in rig.remarks(.client) { discarded += count }
    #expect(discarded == 14, "waiting, def, more")
  }

  @Test("RST gives out what waits, in both directions, and ends the connection")
  func reset() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.server, 2, "cd")
    rig.send(.client, 1, "b")
    rig.reset(.client, 2)
    #expect(rig.heard(.client) == "<1 skipped>b")
    #expect(rig.heard(.server) == "<2 skipped>cd")
    #expect(rig.resets == [.client])
    #expect(rig.connection.isClosed)
  }

  @Test("RST far from the stream is not believed (RFC 5961 §3), nor is what it acknowledges")
  func blindReset() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.show(.client, sequence: rig.sequence(.client, -300_000_000), ack: 77, flags: .rst, [])
    rig.show(.client, sequence: rig.sequence(.client, 300_000_000), ack: 77, flags: .rst, [])
    #expect(rig.resets == [])
    rig.send(.client, 3, "def")
    for i in 0..<100 { rig.send(.client, 6 + i, ".") }
    rig.finish()
    #expect(rig.heard(.server) == "")
    #expect(rig.heard(.client).hasPrefix("abcdef"))
  }

  @Test("RST behind bytes that the capture lost is believed")
  func resetBehindHole() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 1...3 { rig.send(.client, i * 1_000_000, "x") }
    rig.reset(.client, 3_000_001)
    #expect(rig.resets == [.client])
  }

  @Test("a refused connection is RST with sequence number 0")
  func refused() {
    var rig = ConnectionRig()
    rig.syn(.client)
    rig.show(.server, sequence: 0, ack: 0, flags: .rst, [])
    #expect(rig.resets == [.server])
  }

  @Test("a FIN ahead of the stream, which goes on and ends before it, was none")
  func forgedFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.fin(.client, 5000)
    let forged = rig.packets
    rig.send(.client, 3, "def")
    rig.fin(.client, 6, "ghi")
    rig.fin(.client, 6, "ghi")
    rig.ack(.server, 10)
    rig.finish()
    #expect(rig.heard(.client) == "abcdefghi|")
    #expect(rig.connection.fin(rig.connection.key.direction(from: .client))?.number == forged + 2)
  }

  @Test(
    "a FIN before what was captured already is dropped by its receiver, and is no end", arguments: [-1, -4, -400_000])
  func finBehind(distance: Int) {
    var rig = ConnectionRig()
    rig.handshake()
    let client = rig.connection.key.direction(from: .client)
    rig.send(.client, 0, "abcdef")
    rig.fin(.client, 6 + distance)
    #expect(rig.connection.fin(client) == nil && rig.connection.finishedFirst == nil)
    rig.send(.client, 6, "ghi")
    rig.fin(.client, 9)
    let genuine = rig.packets
    rig.fin(.client, 9 + distance)
    rig.finish()
    #expect(rig.heard(.client) == "abcdefghi|")
    #expect(rig.connection.fin(client)?.number == genuine)
  }

  @Test("a FIN before bytes that were given up, and of which numbers alone told, is the end")
  func finBeforeGivenUp() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.ack(.server, 100)
    for i in 0..<70 { rig.send(.server, i, ".", ack: 100) }
    rig.fin(.client, 50)
    rig.finish()
    #expect(rig.heard(.client) == "abc<97 acknowledged>|")
  }

  @Test("a FIN is taken back when the peer acknowledges what its sender sent at its number, and not before")
  func revokedFIN() {
    for isFirstLost in [false, true] {
      var rig = ConnectionRig()
      rig.handshake()
      rig.send(.client, 0, "abc")
      rig.send(.client, 9, "jkl")
      rig.fin(.client, 3)
      rig.ack(.server, 4)
      if !isFirstLost { rig.send(.client, 3, "def") }
      rig.send(.client, 6, "ghi")
      #expect(rig.heard(.client) == "abc|")
      rig.ack(.server, 12)
      let client = rig.connection.key.direction(from: .client)
      #expect((rig.connection.fin(client) == nil) == !isFirstLost)
      rig.send(.client, 12, "mno")
      rig.fin(.client, 15)
      rig.finish()
      #expect(rig.heard(.client) == (isFirstLost ? "abc|" : "abc|defghijklmno|"))
      #expect(rig.remarks(.client) == (isFirstLost ? [.discarded(9, .afterEnd)] : []))
    }
  }

  @Test("a FIN in a wrong order is believed, though bytes before it are missing")
  func earlyFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.clock += 1_000_000_000
    rig.fin(.client, 20)
    rig.clock -= 1_000_000_000
    for i in 0..<5 { rig.send(.client, i, "x") }
    rig.finish()
    #expect(rig.heard(.client) == "xxxxx<15 numbered>|")
  }

  // MARK: Bytes that only numbers tell of

  @Test(
    "a sender's numbers tell of bytes at its end that the capture lacks", arguments: [[], .rst, .fin] as [TCPFlags])
  func numbered(flags: TCPFlags) {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    let isReset = flags.contains(.rst)
    if isReset { rig.send(.client, 7, "hi") }
    rig.show(.client, sequence: rig.sequence(.client, 9), ack: 0, flags: flags, [])
    rig.finish()
    let end = flags.contains(.fin) ? "|" : ""
    #expect(rig.heard(.client) == (isReset ? "abc<4 skipped>hi" : "abc<6 numbered>\(end)"))
    #expect(!rig.connection.lacksFIN(rig.connection.key.direction(from: .client)))
  }

  @Test("one number more than there are bytes is a FIN that the capture lacks, whoever tells of it")
  func lackingFIN() {
    for teller in 0..<3 {
      var rig = ConnectionRig()
      rig.handshake()
      rig.send(.client, 0, "abc")
      rig.send(.server, 0, "defg", ack: 3)
      if teller == 0 { rig.ack(.client, 4, at: 4) }
      if teller == 1 { rig.ack(.server, 4, at: 4) }
      if teller == 2 { rig.fin(.server, 4, ack: 4) }
      rig.finish()
      #expect(rig.heard(.client) == "abc")
      let client = rig.connection.key.direction(from: .client)
      #expect(rig.connection.lacksFIN(client))
      #expect(rig.connection.finFollowsLackingOne(client.opposite) == (teller == 2))
    }
  }

  @Test("an acknowledgment of bytes that their sender denies to have sent is forgotten")
  func denied() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.ack(.server, 50_000)
    for i in 0..<100 {
      rig.send(.server, i, ".", ack: 3)
      rig.ack(.client, i + 1, at: 3)
    }
    rig.send(.client, 3, "def")
    rig.finish()
    #expect(rig.heard(.client) == "abcdef")
  }
}
