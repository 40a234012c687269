import Testing
import Transport

@Suite("Bytes that the capture lacks")
struct StreamGapTests {
  /// `count` packets of the client's that say nothing.
  private func idle(_ rig: inout ConnectionRig, _ count: Int, ack: Int = 0) {
    for _ in 0..<count { rig.ack(.client, ack) }
  }

  @Test("acknowledged bytes that never come are a gap of known size, declared while the connection lives")
  func acknowledged() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.send(.client, 8, "ijk")
    rig.ack(.server, 11)
    #expect(rig.heard(.client) == "abc", "the missing packet may yet come")
    for i in 0..<70 { rig.send(.server, i, ".", ack: 11) }
    #expect(rig.heard(.client) == "abc<5 acknowledged>ijk")
  }

  @Test("on a slow connection, time and a few packets are enough")
  func slow() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 3, "def")
    rig.ack(.server, 6)
    rig.clock += 1_000_000_000
    for i in 0..<10 { rig.send(.server, i, ".", ack: 6) }
    #expect(rig.heard(.client) == "<3 acknowledged>def")
  }

  @Test("after seconds of waiting, two packets are enough")
  func verySlow() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 3, "def")
    rig.ack(.server, 6)
    for i in 0..<3 {
      rig.clock += 2_000_000_000
      rig.send(.server, i, ".", ack: 6)
    }
    #expect(rig.heard(.client) == "<3 acknowledged>def")
  }

  @Test("packets in a slightly wrong order are no gap, though the acknowledgment came first", arguments: [1, 4, 8])
  func slightlyWrongOrder(late: Int) {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 6)
    for i in 0..<late { rig.send(.server, i, ".", ack: 6) }
    rig.send(.client, 3, "def")
    rig.send(.client, 0, "abc")
    #expect(rig.heard(.client) == "abcdef")
  }

  @Test("acknowledgments that keep coming a little early never add up to a gap")
  func alwaysEarly() {
    var rig = ConnectionRig()
    rig.handshake()
    // Two taps whose clocks differ: each acknowledgment is written down four packets before its data.
    var text = ""
    for i in 0..<400 {
      rig.ack(.server, 3 * (i + 4))
      rig.clock += 10_000_000
      rig.send(.client, 3 * i, "abc")
      text += "abc"
    }
    #expect(rig.heard(.client) == text)
  }

  @Test("an early acknowledgment long ago is forgotten once its bytes are there")
  func forgottenOnProgress() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 0..<200 {
      rig.ack(.server, i + 1)
      rig.ack(.server, i + 1)
      rig.send(.client, i, "x")
      rig.clock += 1_000_000_000
    }
    #expect(rig.heard(.client) == String(repeating: "x", count: 200))
  }

  @Test("giving up an old hole does not give up one that was acknowledged just now")
  func onlyOldHoles() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 3, "def")
    rig.ack(.server, 6)
    for i in 0..<63 { rig.send(.server, i, ".", ack: 6) }
    // The server got "ghi" as well; its packet is written down two later.
    rig.send(.server, 63, ".", ack: 9)
    rig.send(.server, 64, ".", ack: 9)
    rig.send(.client, 6, "ghi")
    #expect(rig.heard(.client) == "<3 acknowledged>defghi")
    #expect(rig.remarks(.client) == [])
  }

  @Test("holes that nobody acknowledged wait for their retransmission")
  func unacknowledged() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 3, "def")
    for i in 0..<500 { rig.send(.server, i, ".", ack: 0) }
    #expect(rig.heard(.client) == "")
    rig.send(.client, 0, "abc")
    #expect(rig.heard(.client) == "abcdef")
  }

  @Test("with one direction only, bytes behind the hole are reason enough, and many holes are no delay")
  func oneDirection() {
    var rig = ConnectionRig()
    rig.syn(.client)
    var expected = ""
    for i in 0..<300 {
      if i % 3 == 2 {
        expected += "<1 skipped>"
      } else {
        rig.send(.client, i, "x", ack: nil)
        expected += "x"
      }
    }
    let heard = rig.heard(.client)
    #expect(expected.hasPrefix(heard))
    #expect(heard.utf8.count > expected.utf8.count / 2, "holes are given up as the stream goes on")
    rig.finish()
    #expect(rig.heard(.client) + "<1 skipped>" == expected)
  }

  @Test("a FIN that the capture lacks is no missing byte")
  func unseenFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.clock += 5_000_000_000
    for i in 0..<100 { rig.send(.server, i, ".", ack: 4) }
    rig.finish()
    #expect(rig.heard(.client) == "abc")
  }

  @Test("nor is a FIN that comes after its acknowledgment")
  func lateFIN() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.ack(.server, 4)
    rig.fin(.client, 3)
    for i in 0..<100 { rig.send(.server, i, ".", ack: 4) }
    rig.finish()
    #expect(rig.heard(.client) == "abc|")
  }

  @Test("bytes that come after they were given up are counted")
  func late() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 3, "def")
    rig.ack(.server, 6)
    for i in 0..<70 { rig.send(.server, i, ".", ack: 6) }
    rig.send(.client, 0, "abcdefghi")
    #expect(rig.heard(.client) == "<3 acknowledged>defghi")
    #expect(rig.remarks(.client) == [.discarded(3, .late)])
    rig.send(.client, 1, "bc")
    #expect(rig.remarks(.client) == [.discarded(3, .late)], "once")
  }

  @Test("an acknowledgment of bytes that nobody sent does not swallow those that are sent then")
  func acknowledgmentOfTheUnsent() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 100_000)
    var text = ""
    for i in 0..<300 {
      rig.send(.client, 4 * i, "data")
      text += "data"
    }
    #expect(rig.heard(.client) == text)
  }

  @Test("nor is an acknowledgment believed whose own sequence number is far off")
  func blindAcknowledgment() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.show(.server, sequence: 0x7000_0000, ack: 500_000, flags: [], [])
    for i in 0..<100 { rig.send(.server, i, ".", ack: 3) }
    rig.finish()
    #expect(rig.heard(.client) == "abc")
  }

  @Test("nor is one of bytes farther ahead than any window reaches")
  func acknowledgmentFarAhead() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 1_500_000_000)
    rig.finish()
    #expect(rig.heard(.client) == "")
  }

  @Test("what was acknowledged before the stream's beginning was seen counts too")
  func acknowledgedBeforeTheStart() {
    var rig = ConnectionRig()
    rig.syn(.server, ack: 0)
    rig.send(.server, 0, "answer", ack: 6)
    rig.syn(.client)
    rig.finish()
    #expect(rig.heard(.client) == "<6 acknowledged>")
  }

  @Test("the end of the capture gives out what waits, with the gaps between")
  func atTheEnd() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 2, "c")
    rig.send(.client, 5, "f")
    rig.fin(.client, 9)
    rig.finish()
    #expect(rig.heard(.client) == "<2 skipped>c<2 skipped>f<3 numbered>|")
    #expect(rig.firstBreak(.client) == nil)
  }

  @Test("more than is held out of order gives up the hole, and goes on")
  func heldLimits() {
    var rig = ConnectionRig()
    rig.limits.heldSegments = 10
    rig.handshake()
    for i in 1...11 { rig.send(.client, 2 * i, "ab") }
    #expect(rig.heard(.client) == "<2 skipped>" + String(repeating: "ab", count: 11))
    rig.limits.heldSegments = 4096
    rig.limits.heldBytes = 10
    for i in 13...18 { rig.send(.client, 2 * i, "ab") }
    #expect(rig.heard(.client).hasSuffix("<2 skipped>" + String(repeating: "ab", count: 6)))
  }
}
