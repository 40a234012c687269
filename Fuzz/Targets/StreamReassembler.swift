import Bytes
import Capture
import Transport

/// The input steers how a stream is captured: lost, late, doubled, cut, contradicting. What is given out is that stream,
/// in order, its bytes and gaps without a break between them; no gap covers what was captured, and limits hold.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  var run = Run(&steering)
  while !steering.isOver { run.step(&steering) }
  run.finish()
}

private struct Run {
  private var stream = StreamReassembler()
  private var model: StreamModel
  private var limits = ReassemblyLimits()
  private var time: Int64 = 0
  private var packets: UInt64 = 0

  init(_ steering: inout Steering) {
    let flags = steering.byte()
    model = StreamModel(initial: flags & 1 == 0 ? .max - 100 : 1000)
    if flags & 2 != 0 {
      limits.heldBytes = 100
      limits.heldSegments = 3
      limits.window = 3000
    }
    stream.peerStartIsCaptured = flags & 4 != 0
  }

  mutating func step(_ steering: inout Steering) {
    let op = steering.byte()
    switch op & 7 {
    case 0...2:
      let length = Int(steering.byte()) * (op & 0x40 == 0 ? 1 : 16)
      segment(model.position..<model.position + length, op)
      model.position += length
    case 3:
      let start = steering.word() - 256
      segment(start..<start + Int(steering.byte()), op)
    case 4:
      // Sequence numbers further apart than half of their range say nothing.
      model.position = min(model.position + Int(steering.byte()) * (op & 0x40 == 0 ? 1 : 1 << 16), 1 << 30)
    case 5:
      let position = op & 8 == 0 ? model.position : steering.word()
      model.acknowledge(position)
      stream.acknowledge(model.sequence(position))
    case 6:
      time += Int64(steering.byte()) << 24
      wait(peerIsSeen: op & 8 == 0)
    default:
      if op & 8 == 0 {
        stream.start(SequenceNumber(model.initial))
      } else {
        segment(0..<Int(steering.byte()), op, .syn)
      }
    }
  }

  private mutating func segment(_ range: Range<Int>, _ op: UInt8, _ flags: TCPFlags = .ack) {
    packets += 1
    let flags = op & 0x20 == 0 ? flags : flags.union(.fin)
    let cut = op & 8 == 0 || range.isEmpty ? 0 : range.count / 2
    let altered = op & 0x10 != 0
    let bytes = [0xAA] + StreamModel.bytes(range.lowerBound..<range.upperBound - cut, altered: altered)
    let end = Endpoint(IPAddress(v4: 1), port: 1)
    let segment = TCPSegment(
      source: end, destination: end, sequence: model.sequence(range.lowerBound - (flags.contains(.syn) ? 1 : 0)),
      flags: flags, payloadSum: cut > 0 ? 0 : sum(bytes), payload: 1..<bytes.count, payloadLength: range.count)
    model.show(range, cut: cut, altered: altered, isLast: flags.contains(.fin))
    let packet = PacketReference(number: packets, time: Timestamp(nanoseconds: time))
    var step = ReassemblyStep.arrival
    while let event = stream.next(segment, bytes.span.bytes, packet, &step, limits) {
      model.check(event, { stream.isStarted && stream.accepts(syn: $0) }, bytes)
    }
    require(stream.heldBytes <= max(limits.heldBytes, 0), "\(stream.heldBytes) bytes are held")
  }

  /// Not the checksum, but as good: the same for the same bytes, and never 0.
  private func sum(_ bytes: [UInt8]) -> UInt16 { bytes.reduce(1) { ($0 &* 31 &+ UInt16($1)) | 1 } }

  private mutating func wait(peerIsSeen: Bool) {
    guard stream.isWaiting else { return }
    guard stream.isOverdue(at: Timestamp(nanoseconds: time), peerIsSeen: peerIsSeen, limits) else { return }
    while let event = stream.nextOverdue(limits) {
      model.check(event, { stream.isStarted && stream.accepts(syn: $0) }, [])
    }
  }

  mutating func finish() {
    while let event = stream.finish() { model.check(event, { stream.isStarted && stream.accepts(syn: $0) }, []) }
    model.finish(next: stream.next, held: stream.heldBytes)
  }
}
