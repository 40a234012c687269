import Analysis
import Bytes
import Capture
import TestSupport
import Transport
import WebSocket

/// Shows an analyzer very many packets of few connections, made from one template, and counts what comes of them.
///
/// Checksums are left out (0: left to the network card), so that a packet costs no more than its bytes.
struct TrapTalk: ~Copyable {
  var analyzer: Analyzer
  var counts = RecordCounts()
  /// The next sequence numbers of client and server.
  var next: [UInt32] = [1000, 5000]
  var client: UInt32 = 0x0a00_0001
  private var template = PacketBuilder.tcp(seq: 0, checksum: .zero)
  private var packets: UInt64 = 0

  init(_ options: AnalyzerOptions = AnalyzerOptions()) { analyzer = Analyzer(options) }

  /// A connection whose handshake is complete.
  static func upgraded(_ options: AnalyzerOptions = AnalyzerOptions(), extensions: String = "") -> TrapTalk {
    var talk = TrapTalk(options)
    let field = extensions.isEmpty ? "" : "Sec-WebSocket-Extensions: \(extensions)\n"
    talk.open()
    talk.say(0, ConversationBuilder.lines(ConversationBuilder.request(fields: field)))
    talk.say(1, ConversationBuilder.lines(ConversationBuilder.response(fields: field)))
    return talk
  }

  mutating func open() {
    packet(0, .syn, [])
    next[0] &+= 1
    packet(1, [.syn, .ack], [])
    next[1] &+= 1
  }

  /// What side 0 (the client) or 1 says, in segments of `size` bytes.
  mutating func say(_ side: Int, _ bytes: [UInt8], size: Int = 60_000) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      let piece = bytes[start..<min(start + size, bytes.count)]
      packet(side, .ack, piece)
      next[side] &+= UInt32(piece.count)
    }
  }

  /// A segment at `sequence`, or where the side stands.
  mutating func packet(_ side: Int, _ flags: TCPFlags, _ payload: some Collection<UInt8>, at sequence: UInt32? = nil) {
    var bytes = template
    func set(_ value: UInt32, _ place: Int, _ count: Int) {
      for i in 0..<count { bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * (count - 1 - i))) }
    }
    set(UInt32(40 + payload.count), 16, 2)
    let addresses = [client, PacketBuilder.server.address.low32]
    set(addresses[side], 26, 4)
    set(addresses[1 - side], 30, 4)
    let ports: [UInt32] = [40_000, 80]
    set(ports[side], 34, 2)
    set(ports[1 - side], 36, 2)
    set(sequence ?? next[side], 38, 4)
    set(flags.contains(.ack) ? next[1 - side] : 0, 42, 4)
    bytes[47] = flags.rawValue
    bytes += payload
    packets += 1
    let captured = CapturedPacket(
      number: packets, time: Timestamp(nanoseconds: Int64(packets) * 1000), linkType: .ethernet,
      originalLength: UInt32(bytes.count), data: 0..<bytes.count)
    analyzer.packet(captured, bytes.span.bytes, into: &counts)
  }

  /// Ends the capture, and gives what was counted.
  mutating func finish() -> RecordCounts {
    analyzer.finish(into: &counts)
    return counts
  }
}

extension IPAddress {
  /// The last four bytes.
  fileprivate var low32: UInt32 { UInt32(truncatingIfNeeded: low) }
}

/// Counts records and forgets them.
struct RecordCounts: RecordSink {
  var connections = 0
  var upgraded = 0
  var frames = 0
  var messages = 0
  var complete = 0
  var messageBytes: UInt64 = 0
  var ends = 0
  var missing: UInt64 = 0
  var codes: [String: Int] = [:]

  mutating func capture(_ record: CaptureRecord) {}
  mutating func connection(_ record: ConnectionRecord) {
    connections += 1
    if record.isUpgraded { upgraded += 1 }
  }
  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { frames += 1 }
  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    messages += 1
    if record.message.isComplete { complete += 1 }
    messageBytes += record.message.length
  }
  mutating func diagnostic(_ record: Diagnostic) { codes[record.code.slug, default: 0] += 1 }
  mutating func end(_ record: EndRecord) {
    ends += 1
    missing += record.client.missingBytes + record.server.missingBytes
  }
  mutating func summary(_ record: SummaryRecord) {}
}
