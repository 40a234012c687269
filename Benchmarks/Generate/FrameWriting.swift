import Bytes

/// The first byte of a frame (RFC 6455 §5.2): FIN, RSV1, opcode.
enum FrameStart {
  static let final: UInt8 = 0x80
  static let compressed: UInt8 = 0x40
  static let continuation: UInt8 = 0
  static let text: UInt8 = 1
  static let binary: UInt8 = 2
  static let close: UInt8 = 8
  static let ping: UInt8 = 9
  static let pong: UInt8 = 10
}

extension [UInt8] {
  /// Appends a frame with `payload`; masked if there is a key.
  mutating func appendFrame(_ firstByte: UInt8, _ payload: RawSpan, maskingKey: UInt32?) {
    let mask: UInt8 = maskingKey == nil ? 0 : 0x80
    append(firstByte)
    switch payload.byteCount {
    case ..<126:
      append(mask | UInt8(payload.byteCount))
    case ..<65_536:
      append(mask | 126)
      appendBigEndian(UInt16(payload.byteCount))
    default:
      append(mask | 127)
      appendBigEndian(UInt64(payload.byteCount))
    }
    if let maskingKey { appendBigEndian(maskingKey) }
    let start = count
    append(payload)
    if let maskingKey { applyMask(from: start, key: maskingKey) }
  }

  /// Appends the bytes of `value` in network byte order.
  mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
