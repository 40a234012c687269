import Testing
import Transport

@Suite("Acknowledgments that are none of their sender's")
struct BogusAcknowledgmentTests {
  /// The server acknowledges `count` bytes that nobody sent, then goes on every `pause` nanoseconds.
  private func rig(_ count: Int, pause: Int64, pushes: Int = 12) -> ConnectionRig {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "abc")
    rig.ack(.server, 3 + count)
    for i in 0..<pushes {
      rig.clock += pause
      rig.send(.server, i, ".", ack: 3)
      rig.ack(.client, i + 1, at: 3)
    }
    return rig
  }

  @Test(
    "one of them invents no missing bytes, and costs none of either end", arguments: [1, 1000, 1 << 20, 400_000_000])
  func one(count: Int) {
    for pause in [0, 300_000_000, 5_000_000_000] as [Int64] {
      var rig = rig(count, pause: pause)
      rig.send(.client, 3, "def", ack: 12)
      rig.send(.server, 12, ".", ack: 6)
      rig.finish()
      #expect(rig.heard(.client) == "abcdef", "\(pause)")
      #expect(rig.heard(.server) == String(repeating: ".", count: 13), "\(pause)")
      #expect(rig.remarks(.client) == [] && rig.remarks(.server) == [])
    }
  }

  @Test("nor does one in a RST, believed or not")
  func inReset() {
    for offset in [0, -5] {
      var rig = ConnectionRig()
      rig.handshake()
      rig.send(.client, 0, "abc")
      rig.send(.server, 0, "answer", ack: 3)
      let ack = offset == 0 ? 400_000_000 : 5000
      rig.show(.server, sequence: rig.sequence(.server, 6 + offset), ack: ack, flags: .rst, [])
      rig.finish()
      #expect(rig.heard(.client) == "abc")
      #expect(rig.resets == (offset == 0 ? [.server] : []))
    }
  }

  @Test("nor does one that is followed by what its sender says at its old numbers only")
  func sendersOwnNumbers() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 100_000)
    for i in 0..<3 { rig.send(.client, i, "x") }
    rig.finish()
    #expect(rig.heard(.client) == "xxx")
  }

  @Test("bytes far ahead that two of them tell of are missing; or one, where the sender's own numbers agree")
  func farButTrue() {
    for isOwn in [false, true] {
      var rig = ConnectionRig()
      rig.handshake()
      rig.send(.client, 0, "abc")
      if isOwn { rig.send(.client, 100_000_000, "x") }
      rig.ack(.server, 100_000_001)
      if !isOwn { rig.ack(.server, 100_000_003) }
      rig.finish()
      #expect(rig.heard(.client) == (isOwn ? "abc<99999997 acknowledged>x" : "abc<100000000 acknowledged>"))
    }
  }

  @Test("an acknowledgment that is taken back because packets are in a wrong order counts when it comes again")
  func wrongOrder() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.ack(.server, 30)
    for i in 0..<3 { rig.ack(.server, i) }
    rig.ack(.server, 30)
    rig.finish()
    #expect(rig.heard(.client) == "<30 acknowledged>")
  }
}
