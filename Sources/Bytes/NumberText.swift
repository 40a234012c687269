/// Numbers as text. Eight digits are made at a time, in one word, as most of a record's bytes that are not payload are digits.
extension ByteWriter {
  /// Writes `value` in decimal.
  @inlinable @inline(__always)
  public mutating func decimal(_ value: UInt64) {
    if value < 10 { byte(UInt8(truncatingIfNeeded: value) &+ 0x30) } else { longDecimal(value) }
  }

  /// Writes a number of several digits.
  @usableFromInline
  mutating func longDecimal(_ value: UInt64) {
    if value < 100 {
      let tens = (value &* 103) >> 10
      return put(tens | (value &- tens &* 10) << 8, count: 2)
    }
    guard value < 100_000_000 else { return veryLongDecimal(value) }
    let digits = Self.eightDigits(value)
    let zeros = digits.trailingZeroBitCount >> 3  // before the first digit that is not 0
    put(digits >> UInt64(truncatingIfNeeded: zeros &* 8), count: 8 &- zeros)
  }

  /// Writes a number of nine digits or more.
  @inline(never)
  private mutating func veryLongDecimal(_ value: UInt64) {
    let upper = value / 100_000_000
    decimal(upper)
    put(Self.eightDigits(value &- upper &* 100_000_000), count: 8)
  }

  /// Writes the lowest `count` bytes of `digits`, digits without the bits that make them ASCII.
  @inlinable @inline(__always)
  mutating func put(_ digits: UInt64, count: Int) {
    let text = digits | 0x3030_3030_3030_3030
    UnsafeMutableRawPointer(room(8)).storeBytes(of: text.littleEndian, as: UInt64.self)
    used &+= count
  }

  /// The eight digits of a `value` below 10^8, each as a byte, the first in the lowest. Quotients by 100 and by 10 of several
  /// numbers side by side are products with rounded-up inverses, exact in this range.
  @inlinable @inline(__always)
  public static func eightDigits(_ value: UInt64) -> UInt64 {
    let upper = value / 10_000
    let fours = upper | (value &- upper &* 10_000) << 32
    let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
    return tens | (twos &- tens &* 10) << 8
  }

  /// Writes `value` in decimal.
  @inlinable @inline(__always)
  public mutating func decimal(_ value: Int) {
    if value < 0 { byte(0x2D) }
    decimal(UInt64(value.magnitude))
  }

  /// Writes the last `width` decimal digits of `value`, with leading zeros.
  public mutating func decimal(_ value: UInt64, width: Int) {
    let upper = value / 100_000_000
    if width > 8 { decimal(upper, width: width - 8) }
    let count = max(min(width, 8), 0)
    let digits = Self.eightDigits(value - upper * 100_000_000)
    put(digits >> UInt64(64 - 8 * count), count: count)
  }

  /// Writes the lowest `digits` hexadecimal digits of `value`, in lower case.
  @inlinable @inline(__always)
  public mutating func hex(_ value: UInt64, digits: Int) {
    var left = digits
    while left >= 8 {
      left -= 8
      let text = Self.hexText(UInt32(truncatingIfNeeded: value >> UInt64(left * 4)))
      UnsafeMutableRawPointer(room(8)).storeBytes(of: text.bigEndian, as: UInt64.self)
      used &+= 8
    }
    while left > 0 {
      left -= 1
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64(left * 4)) & 0xF
      byte(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
    }
  }

  /// The eight digits of `value`, the first in the most significant byte: its nibbles are spread over eight bytes, and those
  /// past nine moved on to the letters.
  @inlinable @inline(__always)
  static func hexText(_ value: UInt32) -> UInt64 {
    var x = UInt64(value)
    x = (x | x << 16) & 0x0000_FFFF_0000_FFFF
    x = (x | x << 8) & 0x00FF_00FF_00FF_00FF
    x = (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let isLetter = (x &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return x &+ 0x3030_3030_3030_3030 &+ isLetter &* 39
  }

  /// Writes whole seconds and a decimal fraction of `nanoseconds`, without trailing zeros in the fraction.
  public mutating func seconds(nanoseconds: Int64) {
    let magnitude = nanoseconds.magnitude
    if nanoseconds < 0 { byte(0x2D) }
    decimal(magnitude / 1_000_000_000)
    var fraction = magnitude % 1_000_000_000
    guard fraction > 0 else { return }
    var width = 9
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    byte(0x2E)
    decimal(fraction, width: width)
  }
}
