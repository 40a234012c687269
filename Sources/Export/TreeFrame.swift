import Analysis
import Bytes
import Transport
import WebSocket

/// A frame's header and payload.
extension TreeExporter {
  // MARK: Header

  /// Writes the header as RFC 6455 §5.2 draws it: bytes as they were sent, their bits, and what each field says.
  mutating func header(_ record: borrowing FrameRecord) {
    let header = record.header
    let first = header.firstByte
    let use = compressions.use(of: header, record.connection.number, record.sender)
    let style = TerminalStyle.of(record.sender)
    raw(UInt64(first), 1, style)
    field(first, 0x80, "FIN", header.isFinal ? "final fragment" : "more fragments follow")
    for (mask, name) in [(UInt8(0x40), "RSV1" as StaticString), (0x20, "RSV2"), (0x10, "RSV3")] {
      writer.spaces(13)
      field(
        first, mask, name, mask == 0x40 ? use.meaning : first & mask != 0 ? .unexpected("set without meaning") : .none)
    }
    writer.spaces(13)
    opcode(header.opcode, first)
    raw(UInt64(header.secondByte), 1, style)
    let isMaskRight = header.isMasked == (record.sender == .client)
    let masking: StaticString = header.isMasked ? "masked" : "not masked"
    field(header.secondByte, 0x80, "MASK", isMaskRight ? .said(masking) : .unexpected(masking))
    writer.spaces(13)
    length(header, style)
    if header.lacksMaskingKey {
      row("key", "not captured", style: .yellow)
    } else if header.isMasked {
      raw(UInt64(header.maskingKey), 4, style)
      name("key", after: 10)
      writer.bytes.hex(UInt64(header.maskingKey), digits: 8)
      writer.newline()
    }
  }

  /// What a field's value says.
  enum Meaning {
    case none
    case said(StaticString)
    /// It should not have this value.
    case unexpected(StaticString)
  }

  private mutating func field(_ byte: UInt8, _ mask: UInt8, _ title: StaticString, _ meaning: StaticString) {
    field(byte, mask, title, .said(meaning))
  }

  private mutating func field(_ byte: UInt8, _ mask: UInt8, _ title: StaticString, _ meaning: Meaning) {
    bits(byte, mask)
    name(title, after: 1, isLast: { if case .none = meaning { true } else { false } }())
    switch meaning {
    case .none: break
    case .said(let text): writer.bytes.literal(text)
    case .unexpected(let text): writer.literal(text, .yellow)
    }
    writer.newline()
  }

  private mutating func opcode(_ opcode: Opcode, _ byte: UInt8) {
    bits(byte, 0x0F)
    name("opcode", after: 1)
    let style: TerminalStyle? = !opcode.isDefined ? .yellow : opcode.isControl ? .magenta : nil
    if let style { writer.paint(style) }
    writer.bytes.decimal(UInt64(opcode.rawValue))
    writer.bytes.byte(0x20)
    if opcode.isDefined { writer.bytes.literal(opcode.name) } else { writer.bytes.literal("reserved") }
    if style != nil { writer.plain() }
    writer.newline()
  }

  private mutating func length(_ header: FrameHeader, _ style: TerminalStyle) {
    bits(header.secondByte, 0x7F)
    name("length", after: 1)
    switch header.lengthForm {
    case .seven:
      writer.bytes.decimal(header.payloadLength)
      writer.bytes.literal(" (7-bit form)\n")
      return
    case .sixteen:
      writer.bytes.literal("126: 16 bits follow\n")
      raw(header.payloadLength, 2, style)
    case .sixtyFour:
      writer.bytes.literal("127: 64 bits follow\n")
      raw(header.payloadLength >> 32, 4, style)
      writer.newline()
      raw(header.payloadLength & 0xFFFF_FFFF, 4, style)
    }
    name("length", after: 10)
    writer.bytes.decimal(header.payloadLength)
    writer.newline()
  }

  /// Writes the last `count` bytes of `value` in hex, indented, in 13 columns.
  private mutating func raw(_ value: UInt64, _ count: Int, _ style: TerminalStyle) {
    writer.spaces(2)
    writer.paint(style)
    for i in (0..<count).reversed() {
      writer.bytes.hex(value >> UInt64(i * 8) & 0xFF, digits: 2)
      if i > 0 { writer.bytes.byte(0x20) }
    }
    writer.plain()
    if count < 4 { writer.spaces(12 - count * 3) }
  }

  /// Writes the bits of `byte` that `mask` picks, and a dot for each other: `.000 1100`.
  private mutating func bits(_ byte: UInt8, _ mask: UInt8) {
    for i in (0..<8).reversed() {
      let bit = UInt8(1) << UInt8(i)
      writer.bytes.byte(mask & bit == 0 ? 0x2E : byte & bit == 0 ? 0x30 : 0x31)
      if i == 4 { writer.bytes.byte(0x20) }
    }
  }

  private mutating func name(_ title: StaticString, after gap: Int, isLast: Bool = false) {
    writer.spaces(gap)
    writer.bytes.literal(title)
    if !isLast { writer.spaces(10 - title.utf8CodeUnitCount) }
  }

  // MARK: Payload

  /// Writes the payload: as it was sent if it was masked, and what it is.
  mutating func body(_ record: borrowing FrameRecord, _ payload: RawSpan) {
    let header = record.header
    row("payload", payloadSize(record), style: record.isComplete ? nil : .yellow)
    if let inference = record.inference {
      row("inferred", "confidence \(TextPhrase.probability(inference))", style: .yellow)
    }
    if header.isMasked, payload.byteCount > 0 {
      var sent: [UInt8] = []
      sent.append(payload.extracting(0..<min(payload.byteCount, writer.dumpColumns)))
      sent.applyMask(from: 0, key: header.maskingKey)
      writer.spaces(writer.dumpIndent)
      writer.literal("masked", .dim)
      writer.dumpRow(sent.span.bytes, hasText: false, hasMore: sent.count < payload.byteCount)
    }
    writer.dump(
      payload, most: showsHex ? .max : Self.mostDumped, total: record.capturedLength, matches(payload))
    guard header.opcode == .close else { return }
    let reason = CloseReason(payload)
    row("close", reason.code.map { "\($0.rawValue) \($0.name)" } ?? "no code", style: .magenta)
    if !reason.reason.isEmpty { row("reason", "\"\(TextPhrase.text(reason.reason))\"") }
  }

  private func payloadSize(_ record: borrowing FrameRecord) -> String {
    let length = Phrase.count(record.header.payloadLength, "byte")
    return record.isComplete ? length : "\(record.capturedLength) of \(length) captured"
  }

  /// Writes a row of a block: a name and what it is.
  mutating func row(_ name: String, _ value: String, style: TerminalStyle? = nil) {
    writer.spaces(2)
    writer.paint(.dim)
    writer.bytes.text(name)
    writer.plain()
    writer.spaces(11 - name.utf8.count)
    var flow = Flow(column: 13, indent: 13)
    writer.flow(value, &flow, style: style)
    writer.newline()
  }
}

/// Which frames are compressed, as far as handshakes and earlier frames tell. Forgotten at a connection's end or, where no
/// ends are to be shown, when the connections become many.
struct FrameCompressions {
  private struct State {
    var compression: Compression?
    /// Whether the message that each sender is sending began compressed.
    var areInside: InlineArray<2, Bool> = [false, false]
  }

  /// What RSV1 says.
  enum Use {
    case unknown(isSet: Bool)
    case none
    case without
    case compressed
    case plain
    case goesOn

    var meaning: TreeExporter.Meaning {
      switch self {
      case .unknown(true): .said("compressed, if agreed upon")
      case .unknown(false), .none: .none
      case .without: .unexpected("set without meaning")
      case .compressed: .said("compressed")
      case .plain: .said("not compressed")
      case .goesOn: .said("compressed from the start")
      }
    }
  }

  private var states: [UInt64: State] = [:]
  /// Connections that are kept; about 4 MB.
  private static let most = 65_536

  mutating func begin(_ record: ConnectionRecord) {
    guard record.isUpgraded, record.start == .handshake else { return }
    if states.count > Self.most { states.removeAll() }
    states[record.connection.number] = State(compression: record.handshake.compression)
  }

  mutating func forget(_ connection: UInt64) { states.removeValue(forKey: connection) }

  /// What RSV1 says in a frame, which must be given in order.
  mutating func use(of header: FrameHeader, _ connection: UInt64, _ sender: Sender) -> Use {
    guard let state = states[connection] else { return .unknown(isSet: header.rsv1) }
    guard let compression = state.compression, header.opcode.isMessage else { return header.rsv1 ? .without : .none }
    if header.opcode == .continuation, !compression.direction(ofClient: sender == .client).isPerFrame {
      if header.rsv1 { return .without }
      return state.areInside[Int(sender.rawValue)] ? .goesOn : .plain
    }
    states[connection]?.areInside[Int(sender.rawValue)] = header.rsv1
    return header.rsv1 ? .compressed : .plain
  }
}
