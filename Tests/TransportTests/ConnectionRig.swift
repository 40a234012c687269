import Bytes
import Capture
import TestSupport
import Transport

/// Shows segments to a `TCPConnection`, as a capture would, and notes what comes of them.
///
/// Positions are offsets in what an end sends; the rig knows the initial sequence numbers.
struct ConnectionRig {
  enum End: Int { case client, server }

  /// What came of a stream, in order.
  enum Piece: Equatable {
    case bytes([UInt8], at: UInt64, packet: UInt64)
    case gap(StreamGap)
    case discarded(Int, DiscardReason)
    case conflict(at: UInt64, count: Int)
    case end
  }

  var connection: TCPConnection
  var limits = ReassemblyLimits()
  var isTrusting = false
  /// The initial sequence numbers of the client and the server.
  var initial: [UInt32]
  /// Packets shown so far.
  private(set) var packets: UInt64 = 0
  /// Nanoseconds; each packet comes a millisecond after the one before.
  var clock: Int64 = 1_700_000_000_000_000_000
  private(set) var pieces: [[Piece]] = [[], []]
  private(set) var resets: [End] = []

  private let key: FlowKey
  private let directions: [Direction]

  init(initial: [UInt32] = [1000, 5000]) {
    let (key, direction) = FlowKey.of(PacketBuilder.client, PacketBuilder.server)
    self.key = key
    self.initial = initial
    directions = [direction, direction.opposite]
    connection = TCPConnection(key: key, firstPacket: PacketReference(number: 1, time: Timestamp(nanoseconds: clock)))
  }

  // MARK: Segments

  /// SYN, SYN with ACK, ACK.
  mutating func handshake() {
    syn(.client)
    syn(.server, ack: 0)
    ack(.client, 0)
  }

  mutating func syn(_ end: End, _ text: String = "", ack: Int? = nil) {
    show(end, sequence: initial[end.rawValue], ack: ack, flags: .syn, Array(text.utf8))
  }

  /// `text` at `offset` of what `end` sends.
  mutating func send(_ end: End, _ offset: Int, _ text: String, ack: Int? = 0, flags: TCPFlags = .psh) {
    show(end, sequence: sequence(end, offset), ack: ack, flags: flags, Array(text.utf8))
  }

  /// A segment without payload that says: the other end's bytes before `offset` are here.
  mutating func ack(_ end: End, _ offset: Int, at own: Int = 0) {
    show(end, sequence: sequence(end, own), ack: offset, flags: [], [])
  }

  mutating func fin(_ end: End, _ offset: Int, _ text: String = "", ack: Int? = 0) {
    send(end, offset, text, ack: ack, flags: .fin)
  }

  mutating func reset(_ end: End, _ offset: Int) {
    show(end, sequence: sequence(end, offset), ack: nil, flags: .rst, [])
  }

  func sequence(_ end: End, _ offset: Int) -> UInt32 {
    initial[end.rawValue] &+ 1 &+ UInt32(truncatingIfNeeded: offset)
  }

  /// The segment in all its parts. `wireLength` says how long the payload was before a snaplen cut it.
  mutating func show(
    _ end: End, sequence: UInt32, ack: Int?, flags: TCPFlags, _ payload: [UInt8], wireLength: Int? = nil,
    checksum: TCPChecksum = .valid
  ) {
    let peer = End(rawValue: 1 - end.rawValue) ?? .client
    let isCut = wireLength.map { $0 > payload.count } ?? false
    let segment = TCPSegment(
      source: PacketBuilder.client, destination: PacketBuilder.server, sequence: SequenceNumber(sequence),
      acknowledgment: SequenceNumber(ack.map { self.sequence(peer, $0) } ?? 0),
      flags: ack == nil ? flags : flags.union(.ack), checksum: isCut ? .unknown : checksum,
      payloadSum: isCut ? 0 : PacketBuilder.sum(payload), payload: 0..<payload.count,
      payloadLength: wireLength ?? payload.count)
    show(end, segment, payload)
  }

  mutating func show(_ end: End, _ segment: TCPSegment, _ payload: [UInt8]) {
    packets += 1
    clock += 1_000_000
    let direction = directions[end.rawValue]
    let packet = PacketReference(number: packets, time: Timestamp(nanoseconds: clock))
    var step = connection.arrive(segment, direction, packet, trustingChecksums: isTrusting)
    while let event = connection.next(segment, direction, payload.span.bytes, packet, &step, limits) {
      switch event {
      case .stream(let direction, let event): note(direction, event, payload, packet.number)
      case .reset(_, isExact: false): break
      case .reset(let direction, isExact: true):
        resets.append(sender(in: direction))
        connection.reset(direction, segment, packet)
        finish()
      }
    }
  }

  /// The capture is over.
  mutating func finish() {
    for direction in [Direction.forward, .backward] {
      while let event = connection.finish(direction) { note(direction, event, [], packets) }
    }
  }

  private func sender(in direction: Direction) -> End { directions[0] == direction ? .client : .server }

  private mutating func note(_ direction: Direction, _ event: ReassemblyEvent, _ payload: [UInt8], _ number: UInt64) {
    let piece: Piece =
      switch event {
      case .bytes(let range, let offset): .bytes(Array(payload[range]), at: offset, packet: number)
      case .stored(let segment): .bytes(segment.bytes, at: segment.offset, packet: segment.packet.number)
      case .gap(let gap): .gap(gap)
      case .discarded(let count, let reason): .discarded(count, reason)
      case .conflict(let offset, let count): .conflict(at: offset, count: count)
      case .end: .end
      }
    pieces[sender(in: direction).rawValue].append(piece)
  }

  // MARK: What came of them

  /// What `end` is heard to say: its bytes, gaps as `<5 acknowledged>`, and `|` for the end.
  func heard(_ end: End) -> String {
    pieces[end.rawValue].map { piece in
      switch piece {
      case .bytes(let bytes, _, _): String(decoding: bytes, as: UTF8.self)
      case .gap(let gap): "<\(gap.length) \(gap.cause)>"
      case .end: "|"
      case .discarded, .conflict: ""
      }
    }.joined()
  }

  /// What is said about the stream of `end` besides.
  func remarks(_ end: End) -> [Piece] {
    pieces[end.rawValue].filter {
      switch $0 {
      case .discarded, .conflict: true
      case .bytes, .gap, .end: false
      }
    }
  }

  /// Numbers of the packets whose bytes were given out, in order.
  func sources(_ end: End) -> [UInt64] {
    pieces[end.rawValue].compactMap { if case .bytes(_, _, let packet) = $0 { packet } else { nil } }
  }

  /// Where the bytes and gaps of `end` do not follow one upon the other; nil if they do everywhere.
  func firstBreak(_ end: End) -> String? {
    var next: UInt64 = 0
    for piece in pieces[end.rawValue] {
      switch piece {
      case .bytes(let bytes, let offset, _):
        if offset != next { return "bytes at \(offset), expected \(next)" }
        next += UInt64(bytes.count)
      case .gap(let gap):
        if gap.offset != next || gap.length == 0 { return "gap \(gap), expected at \(next)" }
        next += gap.length
      case .discarded, .conflict, .end:
        break
      }
    }
    return nil
  }
}

extension ConnectionRig {
  /// Whether a SYN of `end` with this number would begin another connection.
  func isSucceeded(by end: End, _ sequence: UInt32, checksum: TCPChecksum = .valid) -> Bool {
    let segment = TCPSegment(
      source: PacketBuilder.client, destination: PacketBuilder.server, sequence: SequenceNumber(sequence), flags: .syn,
      checksum: checksum, payload: 0..<0, payloadLength: 0)
    return connection.isSucceeded(
      by: segment, connection.key.direction(from: end), at: Timestamp(nanoseconds: clock))
  }
}

extension FlowKey {
  /// The direction in which `end` of a rig sends.
  func direction(from end: ConnectionRig.End) -> Direction {
    let client: Direction = first == PacketBuilder.client ? .forward : .backward
    return end == .client ? client : client.opposite
  }
}
