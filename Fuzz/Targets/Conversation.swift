import Analysis
import Bytes
import Capture
import Transport

/// The input steers conversations between two hosts: handshakes, frames, losses, repetitions, resets, ports used again,
/// crowds of connections in a row. Records agree with each other, and the same conversations give the same again. What
/// comes of a connection is the same without the others; or, where the input says so, few connections are followed.
func fuzz(_ input: [UInt8]) {
  var first = Digest()
  play(input, into: &first)
  guard input.first ?? 0 >= 0x80 else { return }
  var second = Digest()
  play(input, into: &second)
  require(first.value == second.value, "the second time differs")
}

/// Whether what comes of each connection is the same when its packets are all that there is.
private func isolate(_ packets: [SentPacket], _ options: AnalyzerOptions, _ together: [UInt64: UInt64]) {
  var alone: [UInt64: UInt64] = [:]
  for port in Set(packets.map(\.port)) {
    var analyzer = Analyzer(options)
    var digest = Digest()
    digest.check = RecordCheck(options.messages)
    for packet in packets where packet.port == port { packet.show(&analyzer, into: &digest) }
    analyzer.finish(into: &digest)
    for (connection, value) in digest.connections { alone[connection, default: 0] &+= value }
  }
  require(alone == together, "others change what comes of a connection")
}

/// A packet as it was captured.
private struct SentPacket {
  var number: UInt64
  var time: Int64
  /// The client's port, which tells the connection.
  var port: UInt16
  var bytes: [UInt8]

  func show(_ analyzer: inout Analyzer, into sink: inout Digest) {
    analyzer.packet(
      CapturedPacket(
        number: number, time: Timestamp(nanoseconds: time), linkType: .raw, originalLength: UInt32(bytes.count),
        data: 0..<bytes.count), bytes.span.bytes, into: &sink)
  }
}

private func play(_ input: [UInt8], into digest: inout Digest) {
  var steering = Steering(input)
  let flags = steering.byte()
  var options = AnalyzerOptions()
  if flags & 1 != 0 { options.messages.stored = 10 }
  if flags & 2 != 0 { options.reassembly.heldBytes = 500 }
  if flags & 4 != 0 { options.reassembly.patiencePackets = 3 }
  let isNarrow = flags & 8 != 0
  if isNarrow {
    options.connections.quiet = 2
    options.connections.open = 3
    options.connections.dismissed = 2
    options.connections.ownBytes = 50
    options.connections.sharedBytes = 300
  }
  digest.check = RecordCheck(options.messages)
  var stage = Stage(options, crowds: flags & 0x40 == 0 ? 0 : 2)
  while !steering.isOver { stage.step(&steering, into: &digest) }
  stage.finish(into: &digest)
  if !isNarrow, flags & 16 != 0 { isolate(stage.sent, options, digest.connections) }
}

/// Two hosts that talk over four pairs of ports, and whoever listens to them.
private struct Stage: ~Copyable {
  private struct Pair {
    var port: UInt16
    /// Sequence numbers of what the client and the server send next.
    var next: [UInt32] = [.max - 200, 5000]
    var last: (port: UInt16, bytes: [UInt8])?
  }

  private var analyzer: Analyzer
  private(set) var sent: [SentPacket] = []
  private var pairs = (0..<4).map { Pair(port: 40_000 + $0) }
  private var packets: UInt64 = 0
  private var time: Int64 = 1_700_000_000_000_000_000
  /// How many crowds of connections may still come: they take their time.
  private var crowds: Int

  init(_ options: AnalyzerOptions, crowds: Int) {
    analyzer = Analyzer(options)
    self.crowds = crowds
  }

  /// - Parameter op: in its low bits what happens, then which pair, then who does it.
  mutating func step(_ steering: inout Steering, into sink: inout Digest) {
    let op = steering.byte()
    let pair = Int(op >> 4 & 3)
    let side = Int(op >> 6 & 1)
    switch op & 0xF {
    case 0: send(pair, side, [], flags: side == 0 ? .syn : [.syn, .ack], into: &sink)
    case 1: send(pair, side, [], flags: TCPFlags(rawValue: steering.byte()), into: &sink)
    case 2: send(pair, 0, request(steering.byte()), into: &sink)
    case 3: send(pair, 1, response(steering.byte()), into: &sink)
    case 4...7: send(pair, side, frame(side, &steering), into: &sink)
    case 8: send(pair, side, steering.take(Int(steering.byte())), into: &sink)
    case 9: pairs[pair].next[side] &+= UInt32(steering.byte())
    case 10: pairs[pair].next[side] &-= UInt32(steering.byte())
    case 11:
      let missing = frame(side, &steering)
      pairs[pair].next[side] &+= UInt32(missing.count)
    case 12: if let last = pairs[pair].last { capture(last.bytes, port: last.port, into: &sink) }
    case 13: time &+= Int64(steering.byte()) << 24
    case 14: pairs[pair].port &+= 1
    default:
      crowds -= 1
      guard crowds >= 0 else { return }
      for _ in 0..<Int(steering.byte() & 0x1F) {
        pairs[pair].port &+= 1
        send(
          pair, 0, op & 0x80 == 0 ? [] : request(1), flags: op & 0x80 == 0 ? [.syn, .rst] : [.syn, .fin], into: &sink)
      }
    }
  }

  mutating func finish(into sink: inout Digest) {
    analyzer.finish(into: &sink)
    sink.summary(analyzer.summary)
  }

  private mutating func send(
    _ pair: Int, _ side: Int, _ payload: [UInt8], flags: TCPFlags = [.ack, .psh], into sink: inout Digest
  ) {
    let ports = [pairs[pair].port, 80]
    let sequence = pairs[pair].next[side]
    var packet: [UInt8] = [0x45, 0] + bytes(40 + payload.count, 2) + [0, 0, 0, 0, 64, 6, 0, 0]
    packet += side == 0 ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1]
    packet += bytes(Int(ports[side]), 2) + bytes(Int(ports[1 - side]), 2) + bytes(Int(sequence), 4)
    packet += bytes(Int(pairs[pair].next[1 - side]), 4) + [0x50, flags.rawValue, 0xFF, 0xFF, 0, 0, 0, 0] + payload
    pairs[pair].next[side] = sequence &+ UInt32(payload.count)
    if flags.contains(.syn) || flags.contains(.fin) { pairs[pair].next[side] &+= 1 }
    pairs[pair].last = (ports[0], packet)
    capture(packet, port: ports[0], into: &sink)
  }

  private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  private mutating func capture(_ bytes: [UInt8], port: UInt16, into sink: inout Digest) {
    packets += 1
    time &+= 1_000_000
    sent.append(SentPacket(number: packets, time: time, port: port, bytes: bytes))
    sent[sent.count - 1].show(&analyzer, into: &sink)
  }
}

private func request(_ flags: UInt8) -> [UInt8] {
  var text = flags & 2 == 0 ? "GET /chat HTTP/1.1\r\nHost: a\r\n" : "POST / HTTP/1.1\r\nContent-Length: 3\r\n"
  if flags & 1 == 0 { text += "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" }
  if flags & 4 != 0 { text += "Sec-WebSocket-Extensions: permessage-deflate\r\n" }
  if flags & 8 != 0 { text = "CONNECT a:80 HTTP/1.1\r\n" }
  return Array((flags & 16 == 0 ? text + "\r\n" : text).utf8)
}

private func response(_ flags: UInt8) -> [UInt8] {
  var text = flags & 1 == 0 ? "HTTP/1.1 101 Switching Protocols\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
  if flags & 2 != 0 { text += "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" }
  if flags & 4 != 0 { text += "Sec-WebSocket-Extensions: permessage-deflate\r\n" }
  if flags & 8 != 0 { text += "Sec-WebSocket-Extensions: deflate-frame; max_window_bits=9\r\n" }
  if flags & 32 != 0 { text = "HTTP/1.1 100 Continue\r\n" }
  return Array((flags & 16 == 0 ? text + "\r\n" : text).utf8)
}

private func frame(_ side: Int, _ steering: inout Steering) -> [UInt8] {
  let first = steering.byte()
  let length = steering.byte()
  let mask: [UInt8] = side == 0 ? [1, 2, 3, 4] : []
  let claimed = length < 126 ? length : length < 250 ? 126 : 127
  var frame = [first, claimed | (side == 0 ? 0x80 : 0)]
  if claimed == 126 { frame += [0, length] }
  if claimed == 127 { frame += (0..<8).map { _ in steering.byte() } }
  return frame + mask + steering.take(Int(length))
}

/// Checks records and sums them up.
private struct Digest: RecordSink {
  var check = RecordCheck(.init())
  private(set) var value: UInt64 = 0

  /// What each connection came to, by its identifier, whatever its number is.
  private(set) var connections: [UInt64: UInt64] = [:]

  private static func mixed(_ value: UInt64, _ number: UInt64) -> UInt64 {
    (value ^ number) &* 0x9E37_79B9_7F4A_7C15 ^ value >> 29
  }

  private mutating func add(_ connection: ConnectionReference?, _ numbers: UInt64...) {
    value = Self.mixed(value, connection?.number ?? 0)
    for number in numbers { value = Self.mixed(value, number) }
    guard let identifier = connection?.identifier else { return }
    for number in numbers { connections[identifier] = Self.mixed(connections[identifier] ?? 0, number) }
  }

  mutating func capture(_ record: CaptureRecord) {}

  mutating func connection(_ record: ConnectionRecord) {
    add(record.connection, record.isUpgraded ? 1 : 0, UInt64(bitPattern: record.time.nanoseconds))
    check.connection(record)
  }

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let record = copy record
    add(
      record.connection, record.number, record.offset, record.capturedLength, record.first.number, record.last.number)
    check.frame(record, payload: payload)
  }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let record = copy record
    add(record.connection, record.number, record.message.length, record.message.isComplete ? 1 : 0)
    for i in 0..<content.byteCount { add(record.connection, UInt64(content.u8(i))) }
    check.message(record, content: content)
  }

  mutating func diagnostic(_ record: Diagnostic) {
    for byte in record.code.slug.utf8 { add(record.connection, UInt64(byte)) }
    check.diagnostic(record)
  }

  mutating func end(_ record: EndRecord) {
    add(
      record.connection, UInt64(bitPattern: record.duration), record.client.wireBytes, record.server.wireBytes,
      record.client.missingBytes, record.server.missingBytes)
    check.end(record)
  }

  mutating func summary(_ record: SummaryRecord) { check.summary(record) }
}
