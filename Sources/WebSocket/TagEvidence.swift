/// Tells frames from what else has tags and lengths: MQTT packets, BER elements, records of one size.
///
/// In such a protocol every chain holds, however long it is; another element of a kind that was there already proves
/// nothing. What does: kinds that are few in another protocol's vocabulary, lengths in the forms of RFC 6455 §5.2, masking
/// keys, and payloads that are what their opcode says.
extension FrameJudge {
  /// Bits for a length of two bytes (126, then 126 or more) behind which a frame begins: elsewhere 126 is a length.
  static let longLength: Float = 8

  /// What a header says against such a protocol, whether or not there are others of its kind.
  ///
  /// - Parameters:
  ///   - next: the header that it lands on.
  ///   - lands: whether it lands on a header, or where all ends.
  func tagBits(_ header: FrameHeader, next: FrameHeader?, lands: Bool) -> Float {
    let length = lands && header.lengthForm == .sixteen ? Self.longLength : 0
    guard isMasked else { return length }
    // Four bytes between length and payload are no one else's; but records of one size have anything anywhere.
    let isOneSize = next.map { $0.firstByte == header.firstByte && $0.payloadLength == header.payloadLength } ?? false
    return length + (isOneSize ? 1 : base(header))
  }
}

/// The kinds of frames in a chain: FIN, RSV1 and the opcode.
struct FrameKinds {
  private var bits: UInt64 = 0

  /// Adds the kind of `header`; whether it is new.
  mutating func insert(_ header: FrameHeader) -> Bool {
    let bit: UInt64 = 1 << UInt64(header.firstByte & 0x0F | (header.firstByte & 0xC0) >> 2)
    defer { bits |= bit }
    return bits & bit == 0
  }
}
