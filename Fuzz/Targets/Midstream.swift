import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// The input steers a sound conversation, and what of it was captured: it may begin late, lack packets or a direction, bring
/// them late. Whatever is said to be known is true: frames and messages that are not marked as inferred, and of the bytes of
/// those that are not complete the known ones. Nobody is blamed. Without losses, all is there. Counts add up.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  var talk = Talk(&steering, ContentSource(input))
  while !steering.isOver, talk.packets.count < 400, talk.count < 600_000 { talk.step(&steering) }
  talk.finish()
  var options = AnalyzerOptions()
  if talk.flags & 1 != 0 { options.assumedPorts = [80] }
  if talk.flags & 2 != 0 { options.reassembly.patiencePackets = 3 }
  var analyzer = Analyzer(options)
  var check = TruthCheck(talk, options.messages)
  for (index, packet) in talk.packets.enumerated() {
    let bytes = packet.bytes
    analyzer.packet(
      CapturedPacket(
        number: UInt64(index) + 1, time: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(index) * 1_000_000),
        linkType: .raw, originalLength: UInt32(bytes.count), data: 0..<bytes.count), bytes.span.bytes, into: &check)
  }
  analyzer.finish(into: &check)
  check.summary(analyzer.summary)
}

// MARK: What is said

private struct TrueFrame {
  /// Of its first header byte among the bytes that its sender sends.
  var start: Int
  var header: FrameHeader
  var payload: [UInt8]
  var end: Int { start + header.headerLength + payload.count }
}

private struct TrueMessage {
  /// Where its first frame begins.
  var start: Int
  var content: [UInt8]
  var frames: UInt64
}

private struct Packet {
  var side: Int
  var range: Range<Int>
  var bytes: [UInt8]
}

/// What one end sends.
private struct Side {
  var sent: [UInt8] = []
  /// How many of them are the handshake's.
  var head = 0
  var frames: [TrueFrame] = []
  var messages: [TrueMessage] = []
  /// Where the message that is being sent began, and how many frames it has.
  var open: (start: Int, frames: UInt64, opcode: UInt8, content: [UInt8], isCompressed: Bool, data: [UInt8])?
  var deflater: Deflater
  /// How much of it is in packets.
  var packed = 0
  /// Whether SYN was captured, and whether anything is missing since.
  var isSYNCaptured = false
  var isClosed = false
}

private struct Talk {
  let flags: UInt8
  private(set) var sides: [Side]
  /// Those that were captured.
  private(set) var packets: [Packet] = []
  /// Those that come late.
  private var late: [Packet] = []
  private var content: ContentSource
  /// How many packets were before the capture.
  private var before: Int
  private let isOneSided: Bool
  private let isDeflated: Bool
  private(set) var hasLosses = false
  private(set) var isInOrder = true

  init(_ steering: inout Steering, _ content: ContentSource) {
    flags = steering.byte()
    let bits = flags & 4 == 0 ? 15 : 9
    self.content = content
    sides = (0..<2).map { _ in Side(deflater: Deflater(windowBits: bits)) }
    isDeflated = flags & 8 != 0
    isOneSided = flags & 16 != 0
    before = flags & 32 == 0 ? 0 : Int(steering.byte() & 0x1F)
    for side in 0..<2 { pack(side, .syn) }
    handshake(bits)
    if flags & 64 != 0 { for side in 0..<2 { speak(side, flags & 128 != 0 ? .late : .lost) } }
    for side in 0..<2 { speak(side, .captured) }
  }

  private mutating func handshake(_ bits: Int) {
    var request = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    request += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    var response = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    response += "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    if isDeflated {
      let bits = "client_max_window_bits=\(bits); server_max_window_bits=\(bits)"
      request += "Sec-WebSocket-Extensions: permessage-deflate; \(bits)\r\n"
      response += "Sec-WebSocket-Extensions: permessage-deflate; \(bits)\r\n"
    }
    sides[0].sent = Array((request + "\r\n").utf8)
    sides[1].sent = Array((response + "\r\n").utf8)
    for side in 0..<2 { sides[side].head = sides[side].sent.count }
  }

  /// What becomes of packets.
  enum Fate {
    case captured
    case lost
    case late
    /// Of the packets, one is lost.
    case oneLost(Int)
  }

  mutating func step(_ steering: inout Steering) {
    let op = steering.byte()
    let side = Int(op >> 7)
    let isMany = op & 0x40 != 0 && op & 7 != 6
    for _ in 0...(isMany ? Int(steering.byte() & 7) : 0) { say(side, op & 7, &steering) }
    switch op >> 3 & 7 {
    case 0, 1, 2: speak(side, .captured)
    case 3: speak(side, .lost)
    case 4: speak(side, .oneLost(Int(steering.byte())), size: Int(steering.byte()) + 1)
    case 5: speak(side, .late, size: 100)
    case 6: speak(side, .captured, size: Int(steering.byte()) + 1)
    default: break  // in one packet with the next
    }
  }

  /// Adds a frame.
  private mutating func say(_ side: Int, _ kind: UInt8, _ steering: inout Steering) {
    if sides[side].isClosed { return }
    if sides[side].open != nil, kind != 5, kind != 7 { return proceed(side, isFinal: kind != 4) }
    switch kind {
    case 0: message(side, 1, content.json())
    case 1: message(side, 1, content.sentence())
    case 2: message(side, 2, steering.take(Int(steering.byte())))
    case 3: message(side, 2, content.noise(Int(steering.byte()) << 3))
    case 4: message(side, 1, content.json() + content.sentence(), isFragmented: true)
    case 5: frame(side, 0x89 + UInt8(content.below(2)), content.noise(Int(steering.byte() & 0x1F)))
    case 6: message(side, 2, content.noise(66_000))
    default:
      frame(side, 0x88, [0x03, 0xE8] + Array("enough fish".utf8))
      sides[side].isClosed = true
    }
  }

  private mutating func message(_ side: Int, _ opcode: UInt8, _ content: [UInt8], isFragmented: Bool = false) {
    let isCompressed = isDeflated && opcode == 1
    let data =
      isCompressed ? sides[side].deflater.message(content) : content
    sides[side].open = (sides[side].sent.count, 0, opcode, content, isCompressed, data)
    proceed(side, isFinal: !isFragmented)
  }

  /// Sends more of the message, or all that is left of it.
  private mutating func proceed(_ side: Int, isFinal: Bool) {
    guard let open = sides[side].open else { return }
    let part = isFinal ? open.data : Array(open.data[..<(open.data.count / 2)])
    sides[side].open?.data = Array(open.data[part.count...])
    sides[side].open?.frames += 1
    let opcode = open.frames > 0 ? 0 : open.opcode | (open.isCompressed ? 0x40 : 0)
    frame(side, (isFinal ? 0x80 : 0) | opcode, part)
    guard isFinal else { return }
    sides[side].messages.append(TrueMessage(start: open.start, content: open.content, frames: open.frames + 1))
    sides[side].open = nil
  }

  private mutating func frame(_ side: Int, _ first: UInt8, _ payload: [UInt8]) {
    let key = side == 0 ? content.key() : nil
    let bytes = frameBytes(first, payload, mask: key)
    let header = FrameHeader(
      firstByte: first, secondByte: bytes[1], maskingKey: key ?? 0, payloadLength: UInt64(payload.count))
    sides[side].frames.append(TrueFrame(start: sides[side].sent.count, header: header, payload: payload))
    sides[side].sent += bytes
  }

  // MARK: Packets

  /// Bytes that were said.
  var count: Int { sides[0].sent.count + sides[1].sent.count }

  /// Sends what waits.
  private mutating func speak(_ side: Int, _ fate: Fate, size: Int = 1400) {
    var number = 0
    let size = min(max(size, (sides[side].sent.count - sides[side].packed) / 50), 60_000)
    while sides[side].packed < sides[side].sent.count {
      let start = sides[side].packed
      let end = min(start + size, sides[side].sent.count)
      sides[side].packed = end
      let packet = packet(side, [.ack, .psh], start..<end)
      switch fate {
      case .captured: capture(packet)
      case .lost: hasLosses = true
      case .late:
        isInOrder = false
        late.append(packet)
      case .oneLost(let lost):
        if number == lost { hasLosses = true } else { capture(packet) }
      }
      number += 1
    }
    guard case .captured = fate else { return }
    for packet in late { capture(packet) }
    late = []
  }

  /// A packet without payload.
  private mutating func pack(_ side: Int, _ flags: TCPFlags) {
    let flags = side == 0 ? flags : flags.union(.ack)
    capture(packet(side, flags, sides[side].packed..<sides[side].packed))
  }

  private mutating func capture(_ packet: Packet) {
    if before > 0 {
      before -= 1
      hasLosses = true
      return
    }
    if isOneSided, packet.side == 1 { return }
    if packet.range.isEmpty, packet.range.lowerBound == 0 { sides[packet.side].isSYNCaptured = true }
    packets.append(packet)
  }

  private func packet(_ side: Int, _ flags: TCPFlags, _ range: Range<Int>) -> Packet {
    let payload = sides[side].sent[range]
    let ports = [40_000, 80]
    let isSYN = flags.contains(.syn)
    let sequence = UInt32(truncatingIfNeeded: [-70_000, 5000][side] + range.lowerBound + (isSYN ? 0 : 1))
    let acknowledgment = UInt32(truncatingIfNeeded: [5000, -70_000][side] + sides[1 - side].packed + 1)
    var bytes: [UInt8] = [0x45, 0] + Self.bytes(40 + payload.count, 2) + [0, 0, 0, 0, 64, 6, 0, 0]
    bytes += side == 0 ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1]
    bytes += Self.bytes(ports[side], 2) + Self.bytes(ports[1 - side], 2) + Self.bytes(Int(sequence), 4)
    bytes += Self.bytes(flags.contains(.ack) ? Int(acknowledgment) : 0, 4)
    bytes += [0x50, flags.rawValue, 0xFF, 0xFF, 0, 0, 0, 0] + payload
    return Packet(side: side, range: range, bytes: bytes)
  }

  private static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  mutating func finish() {
    for side in 0..<2 { speak(side, .captured) }
    for side in 0..<2 where sides[side].isClosed { pack(side, [.fin, .ack]) }
  }
}

// MARK: What is made of it

/// Holds records against what was said, besides each other.
private struct TruthCheck: RecordSink {
  private var check: RecordCheck
  private let talk: Talk
  private var connection: ConnectionRecord?
  /// Errors by number of the frame.
  private var blamed: [UInt64: Diagnostic] = [:]
  /// Frames that are marked as inferred: errors in them may be our own.
  private var inferred: Set<UInt64> = []
  private var frames = [0, 0]
  private var messages = [0, 0]
  /// Bytes of frames, as far as they were captured.
  private var decoded: [UInt64] = [0, 0]

  init(_ talk: Talk, _ limits: MessageLimits) {
    self.talk = talk
    check = RecordCheck(limits)
  }

  private func side(_ sender: Analysis.Sender) -> Int { sender == .client ? 0 : 1 }

  /// What was sent in a packet.
  private func range(_ packet: PacketReference) -> Range<Int> { talk.packets[Int(packet.number) - 1].range }

  mutating func connection(_ record: ConnectionRecord) {
    check.connection(record)
    if record.isUpgraded { connection = record }
    if record.inference == nil { require(record.connection.client.port == 40_000, "wrong roles: \(record)") }
    require(record.outcome != .refused, "refused: \(record)")
  }

  mutating func diagnostic(_ record: Diagnostic) {
    check.diagnostic(record)
    guard record.code.severity == .error else { return }
    guard let frame = record.frame else { fatalError("nobody did wrong: \(record)") }
    blamed[frame] = record
  }

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let record = copy record
    check.frame(record, payload: payload)
    let side = side(record.sender)
    frames[side] += 1
    if !record.header.lacksMaskingKey {
      decoded[side] += UInt64(record.header.headerLength) + record.capturedLength
    }
    if talk.isInOrder { require(record.first.number <= record.last.number, "\(record)") }
    guard record.inference == nil else {
      inferred.insert(record.number)
      return
    }
    let first = range(record.first)
    let isExact = talk.sides[side].isSYNCaptured
    let last = range(record.last)
    let payload = Self.bytes(payload)
    let isRight = talk.sides[side].frames.contains {
      var header = $0.header
      if record.header.lacksMaskingKey { (header.maskingKey, header.lacksMaskingKey) = (0, true) }
      guard header == record.header, first.contains($0.start), !isExact || $0.start == Int(record.offset) else {
        return false
      }
      return !record.isComplete || $0.payload.starts(with: payload) && last.contains($0.end - 1)
    }
    require(isRight, "there is no such frame: \(record) \(payload)")
  }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let record = copy record
    check.message(record, content: content)
    let side = side(record.sender)
    messages[side] += 1
    guard record.inference == nil else { return }
    let first = range(record.first)
    let message = record.message
    let content = Self.bytes(content)
    let isRight = talk.sides[side].messages.contains { truth in
      guard first.contains(truth.start) else { return false }
      if message.isComplete, message.frameCount != truth.frames { return false }
      if message.isLengthKnown, message.length != UInt64(truth.content.count) { return false }
      if message.length > UInt64(truth.content.count) { return false }
      return message.inference != nil || Self.known(truth.content, record.unknown).starts(with: content)
    }
    let isOpen = talk.sides[side].open.map { first.contains($0.start) } ?? false
    require(isRight || isOpen && !message.isComplete, "there is no such message: \(record) \(content)")
  }

  /// What is left of `content` without these bytes.
  private static func known(_ content: [UInt8], _ unknown: [Range<UInt64>]) -> [UInt8] {
    var known: [UInt8] = []
    var place = 0
    for range in unknown {
      known += content[place..<Int(range.lowerBound)]
      place = Int(range.upperBound)
    }
    return known + content[place...]
  }

  private static func bytes(_ span: RawSpan) -> [UInt8] { (0..<span.byteCount).map { span.u8($0) } }

  mutating func end(_ record: EndRecord) {
    check.end(record)
    guard let connection else { fatalError("the end of no connection") }
    if let blame = blamed.first(where: { !inferred.contains($0.key) })?.value {
      fatalError("nobody did wrong: \(blame)")
    }
    let isRight = connection.connection.client.port == 40_000
    for (side, tally, head) in [
      (0, record.client, connection.request), (1, record.server, connection.response),
    ] {
      let isAll = decoded[side] + tally.undecodedBytes == tally.wireBytes
      require(isAll, "bytes are nowhere: \(tally), \(decoded[side]) decoded")
      if isRight { count(talk.sides[side], side, tally, hasHead: head != nil) }
    }
  }

  private func count(_ truth: Side, _ side: Int, _ tally: SenderTally, hasHead: Bool) {
    let ranges = talk.packets.filter { $0.side == side }.map(\.range)
    let heads = ranges.reduce(0) { $0 + $1.clamped(to: 0..<truth.head).count }
    let captured = ranges.reduce(0) { $0 + $1.count }
    require(tally.wireBytes <= UInt64(captured), "\(tally), but \(captured) bytes were captured")
    if talk.isInOrder, hasHead || heads == 0 {
      require(tally.wireBytes == UInt64(captured - heads), "\(tally), but \(captured) - \(heads) bytes were captured")
    }
    if hasHead, heads == truth.head, captured == truth.sent.count {
      guard tally.missingBytes == 0 else { return require(!talk.isInOrder, "\(tally), but nothing is missing") }
      require(tally.frames == UInt64(truth.frames.count), "\(tally) of \(truth.frames.count) frames")
      let open: UInt64 = truth.open == nil ? 0 : 1
      require(tally.messages == UInt64(truth.messages.count) + open, "\(tally) of \(truth.messages.count) messages")
      require(tally.undecodedBytes == 0, "\(tally)")
    }
  }

  mutating func summary(_ record: SummaryRecord) { check.summary(record) }
}
