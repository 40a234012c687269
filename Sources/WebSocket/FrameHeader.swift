import Bytes

/// A frame's header (RFC 6455 §5.2).
public struct FrameHeader: Equatable, Sendable {
  /// The first byte: FIN, RSV1 to RSV3, opcode.
  public var firstByte: UInt8
  /// The second byte: MASK, and the length or its form.
  public var secondByte: UInt8
  /// Whether the masking key, or a part of it, was not captured: the payload cannot be unmasked.
  public var lacksMaskingKey = false
  /// The masking key, its first byte in the most significant place; 0 without MASK, or where it was not captured.
  public var maskingKey: UInt32
  /// Payload length in bytes, all 64 bits of it.
  public var payloadLength: UInt64

  /// A header of these fields.
  @inlinable
  public init(firstByte: UInt8, secondByte: UInt8, maskingKey: UInt32, payloadLength: UInt64) {
    self.firstByte = firstByte
    self.secondByte = secondByte
    lacksMaskingKey = false
    self.maskingKey = maskingKey
    self.payloadLength = payloadLength
  }

  /// FIN: this is the last fragment of its message.
  @inlinable public var isFinal: Bool { firstByte & 0x80 != 0 }
  /// RSV1: with RFC 7692, the message is compressed.
  @inlinable public var rsv1: Bool { firstByte & 0x40 != 0 }
  /// RSV2.
  @inlinable public var rsv2: Bool { firstByte & 0x20 != 0 }
  /// RSV3.
  @inlinable public var rsv3: Bool { firstByte & 0x10 != 0 }
  /// What the payload is.
  @inlinable public var opcode: Opcode { Opcode(rawValue: firstByte) }
  /// MASK: the payload is masked with `maskingKey`.
  @inlinable public var isMasked: Bool { secondByte & 0x80 != 0 }

  /// How the length is written.
  @inlinable public var lengthForm: LengthForm { LengthForm(secondByte) }

  /// Bytes of the header, 2 to 14.
  @inlinable public var headerLength: Int { Self.headerLength(secondByte) }

  /// Bytes of a header whose second byte is `secondByte`.
  @inlinable @inline(__always)
  static func headerLength(_ secondByte: UInt8) -> Int {
    2 + LengthForm(secondByte).extendedBytes + (secondByte & 0x80 != 0 ? 4 : 0)
  }

  /// Reads the header at `offset`, all of which must be there.
  @inlinable @inline(__always)
  init(_ bytes: RawSpan, _ offset: Int) {
    firstByte = bytes.u8(offset)
    secondByte = bytes.u8(offset + 1)
    lacksMaskingKey = false
    var behind = offset + 2
    switch LengthForm(secondByte) {
    case .seven:
      payloadLength = UInt64(secondByte & 0x7F)
    case .sixteen:
      payloadLength = UInt64(bytes.u16(behind))
      behind += 2
    case .sixtyFour:
      payloadLength = bytes.u64(behind)
      behind += 8
    }
    maskingKey = secondByte & 0x80 != 0 ? bytes.u32(behind) : 0
  }
}

/// The three ways in which a header writes the payload length (RFC 6455 §5.2).
public enum LengthForm: UInt8, Sendable {
  /// In seven bits: 0 to 125.
  case seven
  /// 126, then 16 bits.
  case sixteen
  /// 127, then 64 bits.
  case sixtyFour

  @inlinable
  init(_ secondByte: UInt8) {
    let low = secondByte & 0x7F
    self = low < 126 ? .seven : low == 126 ? .sixteen : .sixtyFour
  }

  /// Bytes after the second header byte, 0, 2 or 8.
  @inlinable public var extendedBytes: Int { self == .seven ? 0 : self == .sixteen ? 2 : 8 }
}
