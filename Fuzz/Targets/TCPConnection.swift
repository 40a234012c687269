import Bytes
import Capture
import Transport

/// The input steers a connection: two streams, SYN, FIN, RST, wrong checksums. Each stream is given out as it was
/// sent (see the target StreamReassembler), what was said stays said, after a reset
/// all that was held is out, and the short way of the usual case comes to the same as the long one.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  var run = Run(&steering)
  while !steering.isOver, !run.isOver { run.step(&steering) }
  run.finish()
}

private struct Run {
  private var connection: TCPConnection
  private let ends: [Endpoint]
  private var models: [StreamModel]
  private var limits = ReassemblyLimits()
  private let isTrusting: Bool
  private var time: Int64 = 0
  private var packets: UInt64 = 0
  private(set) var isOver = false

  init(_ steering: inout Steering) {
    let flags = steering.byte()
    ends = [Endpoint(IPAddress(v4: 1), port: 80), Endpoint(IPAddress(v4: 2), port: 1)]
    models = [StreamModel(initial: .max - 10), StreamModel(initial: steering.long())]
    let (key, _) = FlowKey.of(ends[0], ends[1])
    connection = TCPConnection(key: key, firstPacket: PacketReference(number: 1, time: Timestamp(nanoseconds: 0)))
    isTrusting = flags & 1 != 0
    if flags & 2 != 0 {
      limits.heldBytes = 100
      limits.heldSegments = 3
      limits.patiencePackets = 2
    }
  }

  mutating func step(_ steering: inout Steering) {
    let op = steering.byte()
    let side = Int(op >> 7)
    switch op & 7 {
    case 0, 1:
      let length = Int(steering.byte())
      segment(side, models[side].position..<models[side].position + length, steering.byte())
      models[side].position += length
    case 2:
      let start = steering.word() - 256
      segment(side, start..<start + Int(steering.byte()), steering.byte())
    case 3:
      models[side].position += Int(steering.byte())
    case 4:
      time += Int64(steering.byte()) << 24
    case 5:
      segment(side, 0..<0, steering.byte() | TCPFlags.syn.rawValue)
    default:
      segment(side, models[side].position..<models[side].position, steering.byte())
    }
  }

  /// - Parameter flags: as in the header; the two highest bits, ECE and CWR there, cut the segment or spoil its checksum.
  private mutating func segment(_ side: Int, _ range: Range<Int>, _ flags: UInt8) {
    packets += 1
    let cut = flags & 0x40 == 0 ? 0 : range.count / 2
    let bytes = StreamModel.bytes(range.lowerBound..<range.upperBound - cut, altered: false)
    let isSYN = TCPFlags(rawValue: flags).contains(.syn)
    let peer = models[1 - side].position
    let segment = TCPSegment(
      source: ends[side], destination: ends[1 - side],
      sequence: models[side].sequence(range.lowerBound - (isSYN ? 1 : 0)),
      acknowledgment: models[1 - side].sequence(peer), flags: TCPFlags(rawValue: flags & 0x3F),
      checksum: flags & 0x80 == 0 ? cut > 0 ? .unknown : .valid : .wrong, payloadSum: 0, payload: 0..<bytes.count,
      payloadLength: range.count)
    let (_, direction) = FlowKey.of(segment.source, segment.destination)
    models[side].show(range, cut: cut, altered: false, isLast: segment.flags.contains(.fin))
    if segment.flags.contains(.ack) { models[1 - side].acknowledge(peer) }
    let before = connection
    var usual = connection
    let shortcut = usual.takeInOrder(segment, direction)
    var count = 0
    let packet = PacketReference(number: packets, time: Timestamp(nanoseconds: time))
    var step = connection.arrive(segment, direction, packet, trustingChecksums: isTrusting)
    if segment.flags.contains(.rst), step != .dropped, step != .stale { models[side].forgetLast() }
    while let event = connection.next(segment, direction, bytes.span.bytes, packet, &step, limits) {
      check(event, bytes)
      if case .reset(let direction, isExact: true) = event { connection.reset(direction, segment, packet) }
      count += 1
      if let shortcut { require(event == .stream(direction, .bytes(segment.payload, at: shortcut)), "\(event)") }
    }
    if shortcut != nil {
      require(count == (segment.payloadLength > 0 ? 1 : 0), "the usual case brings \(count) events")
      connection = usual
    }
    require(step == .done, "the step is \(step) at the end")
    require(before.initiator == nil || before.initiator == connection.initiator, "the initiator changes")
    require(!before.isStarted(direction) || connection.isStarted(direction), "it has not begun any more")
  }

  private mutating func check(_ event: TCPEvent, _ bytes: [UInt8]) {
    require(!isOver, "\(event) after a reset")
    switch event {
    case .stream(let direction, let event): check(event, direction, bytes)
    case .reset(_, let isExact): isOver = isExact
    }
  }

  private mutating func check(_ event: ReassemblyEvent, _ direction: Direction, _ bytes: [UInt8]) {
    let (_, first) = FlowKey.of(ends[0], ends[1])
    models[direction == first ? 0 : 1].check(
      event,
      { sequence in
        connection.isStarted(direction) && connection.startSequence(direction) == sequence.advanced(by: 1)
      }, bytes)
  }

  mutating func finish() {
    for direction in [Direction.forward, .backward] {
      while let event = connection.finish(direction) {
        check(event, direction, [])
      }
    }
    for model in models { model.finish(next: model.offset, held: connection.heldBytes) }
  }
}
