import Testing

@testable import Transport

/// The reassembler against a model that does the same the slow and plain way: it marks which bytes were captured.
@Suite("Streams cut, shuffled, repeated and lost at random")
struct StreamModelTests {
  /// What a capture holds of a conversation in which the client sends, in the order of the capture.
  private enum Event {
    case syn(ConnectionRig.End)
    case data(Range<Int>)
    case acknowledgment(Int)
    case fin(Int)
  }

  private static func byte(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: (offset &* 0x9E37_79B9) >> 13) }

  /// A conversation that sends `length` bytes; `loss` in 100 segments are not captured.
  private static func conversation(_ length: Int, loss: Int, hasAcks: Bool, _ random: inout SeededRandom) -> [Event] {
    var events: [Event] = hasAcks ? [.syn(.client), .syn(.server)] : [.syn(.client)]
    let largest = Int.random(in: 1...60, using: &random)
    var sent = 0
    var starts: [Int] = []
    while sent < length {
      starts.append(sent)
      let end = min(sent + Int.random(in: 1...largest, using: &random), length)
      if Int.random(in: 0..<100, using: &random) >= loss { events.append(.data(sent..<end)) }
      sent = end
      // Later than a few packets, the capture has given up what it lost.
      let start = Int.random(in: starts[max(0, starts.count - 8)]..<sent, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0...1 where loss > 0 && hasAcks: if let last = events.last { events.append(last) }
      case 0: events.append(.data(start..<sent))
      case 1:
        events.append(.data(start..<Int.random(in: start + 1...sent, using: &random)))
      case 2, 3, 4: if hasAcks { events.append(.acknowledgment(sent)) }
      default: break
      }
    }
    events.append(.fin(length))
    if hasAcks { events.append(.acknowledgment(length + 1)) }
    return events
  }

  /// The events, each moved by less than `window` places.
  private static func shuffled(_ events: [Event], window: Int, _ random: inout SeededRandom) -> [Event] {
    let keys = events.indices.map { $0 + Int.random(in: 0..<max(window, 1), using: &random) }
    return events.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { events[$0] }
  }

  private static func play(_ events: [Event], _ rig: inout ConnectionRig) {
    for event in events {
      switch event {
      case .syn(.client): rig.syn(.client)
      case .syn(.server): rig.syn(.server, ack: 0)
      case .data(let range):
        rig.show(
          .client, sequence: rig.sequence(.client, range.lowerBound), ack: 0, flags: .psh, range.map(byte))
      case .acknowledgment(let offset): rig.ack(.server, offset)
      case .fin(let offset): rig.fin(.client, offset)
      }
    }
    rig.finish()
  }

  /// Which bytes were given out; nil, with a complaint, where one is wrong or they do not follow one upon the other.
  private static func given(_ rig: ConnectionRig, _ length: Int) -> [Bool]? {
    if let fault = rig.firstBreak(.client) {
      Issue.record("\(fault)")
      return nil
    }
    var given = [Bool](repeating: false, count: length)
    for case .bytes(let bytes, let offset, _) in rig.pieces[0] {
      for (i, value) in bytes.enumerated() {
        guard Int(offset) + i < length, value == byte(Int(offset) + i) else {
          Issue.record("a wrong byte at \(Int(offset) + i)")
          return nil
        }
        given[Int(offset) + i] = true
      }
    }
    return given
  }

  @Test("within a window of 8 packets, exactly what was captured is given out, and gaps are exactly the rest")
  func slightDisorder() {
    var random = SeededRandom.announced("slightDisorder")
    for round in 0..<400 {
      let length = Int.random(in: 1...3000, using: &random)
      let isLossy = Bool.random(using: &random)
      let hasAcks = Bool.random(using: &random)
      let events = Self.shuffled(
        Self.conversation(length, loss: isLossy ? 15 : 0, hasAcks: hasAcks, &random),
        window: Int.random(in: 1...8, using: &random), &random)
      var rig = ConnectionRig(initial: [UInt32.random(in: 0...UInt32.max, using: &random), 5])
      Self.play(events, &rig)

      var captured = [Bool](repeating: false, count: length)
      for case .data(let range) in events { for i in range { captured[i] = true } }
      #expect(Self.given(rig, length) == captured, "round \(round), \(length) bytes")
      #expect(rig.remarks(.client) == [], "round \(round)")
      // A FIN behind bytes that are not there, after which the sender goes on, and which nobody acknowledges, may be none.
      let mayLackEnd = !hasAcks && captured.last == false
      #expect(rig.pieces[0].last == .end || mayLackEnd, "round \(round)")
    }
  }

  @Test("in any order at all, no byte is wrong, none comes twice, and what came too late is counted")
  func anyOrder() {
    var random = SeededRandom.announced("anyOrder")
    for round in 0..<200 {
      let length = Int.random(in: 1...3000, using: &random)
      var events = Self.conversation(length, loss: 5, hasAcks: Bool.random(using: &random), &random)
      let handshake = events.removeFirst()
      events.shuffle(using: &random)
      var rig = ConnectionRig(initial: [UInt32.random(in: 0...UInt32.max, using: &random), 5])
      rig.limits.heldSegments = Int.random(in: 1...50, using: &random)
      rig.limits.patiencePackets = UInt32.random(in: 1...64, using: &random)
      Self.play([handshake] + events, &rig)

      guard let given = Self.given(rig, length) else { continue }
      var late = given.map { _ in false }
      for case .data(let range) in events { for i in range where !given[i] { late[i] = true } }
      var counted = 0
      for piece in rig.remarks(.client) {
        guard case .discarded(let count, .late) = piece else {
          Issue.record("round \(round): \(piece)")
          continue
        }
        counted += count
      }
      let total = late.count { $0 }
      // Only the last few gaps are remembered.
      #expect(counted > 0 || total == 0 || rig.pieces[0].count > 8, "round \(round): \(counted) of \(total)")
    }
  }

  @Test("whatever is sent, offsets follow one upon the other, memory is bounded, and every byte was sent by somebody")
  func chaos() {
    var random = SeededRandom.announced("chaos")
    for _ in 0..<150 {
      var rig = ConnectionRig(initial: [UInt32.random(in: 0...UInt32.max, using: &random), 5])
      rig.limits.heldSegments = 40
      rig.limits.heldBytes = 1000
      let hasHandshake = Bool.random(using: &random)
      if hasHandshake { rig.handshake() }
      let reach = [10, 200, 5000, 1 << 31].randomElement(using: &random) ?? 0
      for _ in 0..<300 {
        Self.mischief(reach, &rig, &random)
        #expect(rig.connection.heldBytes <= 2 * 1000)
      }
      rig.finish()
      for end in [ConnectionRig.End.client, .server] {
        if let fault = rig.firstBreak(end) { Issue.record("\(fault)") }
        for case .bytes(let bytes, let offset, _) in rig.pieces[end.rawValue] where hasHandshake && reach < 1 << 30 {
          let claims = bytes.enumerated().allSatisfy { Self.claims(Int(offset) + $0).contains($1) }
          #expect(claims, "bytes at \(offset)")
        }
      }
    }
  }

  /// The two bytes that senders may claim for a place.
  private static func claims(_ offset: Int) -> [UInt8] { [byte(offset), byte(offset) ^ 0xFF] }

  private static func mischief(_ reach: Int, _ rig: inout ConnectionRig, _ random: inout SeededRandom) {
    let end: ConnectionRig.End = Int.random(in: 0..<4, using: &random) == 0 ? .server : .client
    let start = Int.random(in: -20...reach, using: &random)
    let length = [0, 1, 1, 7, 30].randomElement(using: &random) ?? 0
    let isLying = Int.random(in: 0..<4, using: &random) == 0
    var bytes = (start..<start + length).map { claims($0)[isLying ? 1 : 0] }
    let wireLength = Int.random(in: 0..<10, using: &random) == 0 ? length + 5 : length
    if Int.random(in: 0..<10, using: &random) == 0 { bytes = [] }
    let rare: [TCPFlags] = [[], .fin, .urg, .rst, .syn]
    let flags = Int.random(in: 0..<20, using: &random) == 0 ? rare.randomElement(using: &random) ?? [] : .psh
    if flags == .syn { bytes = [] }
    rig.show(
      end, sequence: rig.sequence(end, start), ack: Int.random(in: -20...reach, using: &random),
      flags: flags, bytes, wireLength: wireLength,
      checksum: Int.random(in: 0..<30, using: &random) == 0 ? .wrong : .valid)
  }
}
