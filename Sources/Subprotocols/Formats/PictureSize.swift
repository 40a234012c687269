import Bytes

/// How large a picture is, as far as its first bytes tell.
struct PictureSize: Equatable {
  /// Pixels.
  var width: UInt32
  var height: UInt32

  private init(_ width: some FixedWidthInteger, _ height: some FixedWidthInteger) {
    self.width = UInt32(clamping: width)
    self.height = UInt32(clamping: height)
  }

  /// The size of the picture that `bytes` begin; nil if they do not tell.
  init?(_ bytes: RawSpan, _ format: FileFormat) {
    let found: PictureSize? =
      switch format {
      // The first chunk is IHDR (PNG, "Image header").
      case .png: bytes.byteCount >= 24 ? PictureSize(bytes.u32(16), bytes.u32(20)) : nil
      // Logical screen descriptor (GIF89a §18).
      case .gif: bytes.byteCount >= 10 ? PictureSize(Self.u16(bytes, 6), Self.u16(bytes, 8)) : nil
      case .bmp where bytes.byteCount >= 26 && bytes.u8(14) >= 40:
        PictureSize(
          bytes.load(18, .little, as: Int32.self).magnitude, bytes.load(22, .little, as: Int32.self).magnitude)
      case .jpeg: Self.jpeg(bytes)
      case .webp: Self.webp(bytes)
      default: nil
      }
    guard let found else { return nil }
    self = found
  }

  private static func u16(_ bytes: RawSpan, _ offset: Int) -> UInt16 { bytes.load(offset, .little) }

  /// The frame header (ITU-T T.81 §B.2.2): segments before it are passed over.
  private static func jpeg(_ bytes: RawSpan) -> PictureSize? {
    var position = 2
    while bytes.byteCount - position >= 9, bytes.u8(position) == 0xFF {
      let marker = bytes.u8(position + 1)
      switch marker {
      case 0xFF: position += 1  // filling
      case 0x01, 0xD0...0xD8: position += 2
      case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
        return PictureSize(bytes.u16(position + 7), bytes.u16(position + 5))
      case 0xD9, 0xDA: return nil
      default: position += 2 + max(Int(bytes.u16(position + 2)), 2)
      }
    }
    return nil
  }

  /// The first chunk: VP8, VP8L or VP8X (RFC 9649 §2.5 to §2.7).
  private static func webp(_ bytes: RawSpan) -> PictureSize? {
    guard bytes.byteCount >= 30 else { return nil }
    switch bytes.u8(15) {
    case UInt8(ascii: "X"):
      return PictureSize(
        (bytes.load(24, .little, as: UInt32.self) & 0xFF_FFFF) + 1, (bytes.load(26, .little, as: UInt32.self) >> 8) + 1)
    case UInt8(ascii: "L"):
      let bits = bytes.load(21, .little, as: UInt32.self)
      return PictureSize((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    default: return PictureSize(u16(bytes, 26) & 0x3FFF, u16(bytes, 28) & 0x3FFF)
    }
  }
}
