import Testing
import Transport

@Suite("A stream in order")
struct StreamOrderTests {
  @Test("segments in order pass as they come, each from its own packet")
  func inOrder() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "one ")
    rig.send(.client, 4, "two ")
    rig.send(.server, 0, "three", ack: 8)
    #expect(rig.heard(.client) == "one two ")
    #expect(rig.heard(.server) == "three")
    #expect(rig.sources(.client) == [4, 5])
    #expect(!rig.connection.isWaiting)
  }

  @Test("swapped segments are put right, and keep their packet numbers")
  func swapped() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 4, "two ")
    rig.send(.client, 8, "three")
    #expect(rig.heard(.client) == "")
    rig.send(.client, 0, "one ")
    #expect(rig.heard(.client) == "one two three")
    #expect(rig.sources(.client) == [6, 4, 5])
  }

  @Test("a retransmission is taken once, whole or in other pieces")
  func retransmitted() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abcdef")
    rig.send(.client, 0, "abcdef")
    rig.send(.client, 2, "cdefghi")
    rig.send(.client, 0, "abcdefghijkl")
    #expect(rig.heard(.client) == "abcdefghijkl")
    #expect(rig.remarks(.client) == [])
  }

  @Test("the sequence number wraps in the middle of a segment, of a hole and of an acknowledgment")
  func wrap() {
    for origin in (UInt32.max - 12)...UInt32.max {
      var rig = ConnectionRig(initial: [origin, origin])
      rig.handshake()
      rig.send(.client, 0, "abcd")
      rig.send(.client, 8, "ijkl")
      rig.ack(.server, 12)
      rig.send(.client, 4, "efgh")
      rig.fin(.client, 12)
      rig.ack(.server, 13)
      rig.finish()
      #expect(rig.heard(.client) == "abcdefghijkl|", "initial sequence number \(origin)")
    }
  }

  @Test("a stream passes 4 GiB: offsets go on, sequence numbers begin anew")
  func beyondFourGigabytes() {
    var rig = ConnectionRig()
    rig.handshake()
    // A snaplen of nothing makes large strides cheap.
    let stride = 1 << 28
    for i in 0..<20 {
      let sequence = rig.sequence(.client, i * stride)
      rig.show(.client, sequence: sequence, ack: 0, flags: [], [], wireLength: stride)
    }
    rig.send(.client, 20 * stride, "far")
    #expect(rig.pieces[0].last == .bytes(Array("far".utf8), at: 20 << 28, packet: 24))
    #expect(rig.firstBreak(.client) == nil)
  }

  // MARK: Overlaps

  @Test("where segments overlap, the bytes that came first win, and a conflict is told")
  func overlapBeforeItsTurn() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 2, "CDEF")
    rig.send(.client, 1, "bcdefgh")
    #expect(rig.remarks(.client) == [.conflict(at: 2, count: 4)])
    rig.send(.client, 0, "a")
    #expect(rig.heard(.client) == "abCDEFgh")
    #expect(rig.firstBreak(.client) == nil)
  }

  @Test("an overlap that says the same is no conflict")
  func harmlessOverlap() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 6, "gh")
    rig.send(.client, 2, "cd")
    rig.send(.client, 1, "bcdefghij")
    rig.send(.client, 0, "abcdefghijkl")
    #expect(rig.heard(.client) == "abcdefghijkl")
    #expect(rig.remarks(.client) == [])
  }

  @Test("what waits is not repeated when a segment in order reaches over it")
  func inOrderOverWaiting() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 4, "EF")
    rig.send(.client, 0, "abcdefgh")
    #expect(rig.heard(.client) == "abcdEFgh")
    #expect(rig.remarks(.client) == [.conflict(at: 4, count: 2)])
  }

  @Test("a retransmission with other bytes is a conflict, though the first copy has passed")
  func conflictAfterwards() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "right")
    rig.send(.client, 0, "wrong")
    #expect(rig.heard(.client) == "right")
    #expect(rig.remarks(.client) == [.conflict(at: 0, count: 5)])
  }

  @Test("so is one whose first copy had to wait")
  func conflictAfterWaiting() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 1, "right")
    rig.send(.client, 0, "!")
    rig.send(.client, 1, "wrong")
    #expect(rig.heard(.client) == "!right")
    #expect(rig.remarks(.client) == [.conflict(at: 1, count: 5)])
  }

  // MARK: Keep-alive (RFC 9293 §3.8.4, RFC 1122 §4.2.3.6)

  @Test("a keep-alive probe brings one byte of garbage, which is neither data nor a conflict")
  func keepAlive() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, -1, "\0", flags: [])
    rig.send(.client, 0, "a")
    rig.send(.client, 0, "\0", flags: [])
    rig.send(.client, 0, "?", flags: [])
    rig.send(.client, 0, "", flags: [])
    rig.send(.client, 1, "b")
    #expect(rig.heard(.client) == "ab")
    #expect(rig.remarks(.client) == [])
  }

  @Test("nor where the stream waits for earlier bytes")
  func keepAliveBehindHole() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 2, "cd")
    rig.send(.client, 3, "?", flags: [])
    rig.send(.client, 0, "ab")
    #expect(rig.heard(.client) == "abcd")
    #expect(rig.remarks(.client) == [])
  }

  @Test("its garbage does not fill the place of a byte that the capture lost")
  func keepAliveAfterLoss() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.ack(.server, 9)  // "defghi" was lost by the capture
    rig.clock += 60_000_000_000
    rig.send(.client, 8, "?", flags: [])
    rig.ack(.server, 9)
    rig.finish()
    #expect(rig.heard(.client) == "abc<6 acknowledged>")
  }

  @Test("a single byte that comes after its acknowledgment is data all the same")
  func singleByteAfterItsAcknowledgment() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 3)
    rig.send(.client, 2, "c", flags: [])
    rig.send(.client, 1, "b", flags: [])
    rig.send(.client, 0, "a", flags: [])
    #expect(rig.heard(.client) == "abc")
  }

  // MARK: Snaplen

  @Test("what a snaplen cut off is a gap of known size, at once")
  func cut() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.show(.client, sequence: rig.sequence(.client, 0), ack: 0, flags: [], Array("abc".utf8), wireLength: 10)
    rig.send(.client, 10, "klm")
    #expect(rig.heard(.client) == "abc<7 cut>klm")
  }

  @Test("also where nothing of the segment's payload was captured, and it came early")
  func cutOutOfOrder() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.show(.client, sequence: rig.sequence(.client, 8), ack: 0, flags: [], [], wireLength: 4)
    rig.show(.client, sequence: rig.sequence(.client, 3), ack: 0, flags: [], Array("de".utf8), wireLength: 5)
    rig.send(.client, 12, "m")
    rig.send(.client, 0, "abc")
    #expect(rig.heard(.client) == "abcde<3 cut><4 cut>m")
  }

  @Test("a retransmission in smaller pieces brings what was cut off, while it waits")
  func cutAndFilled() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.show(.client, sequence: rig.sequence(.client, 1), ack: 0, flags: [], Array("b".utf8), wireLength: 8)
    rig.send(.client, 4, "ef")
    rig.send(.client, 0, "a")
    #expect(rig.heard(.client) == "ab<2 cut>ef<3 cut>")
    #expect(rig.firstBreak(.client) == nil)
  }
}
