/// Numbers as text. Digits come in pairs from a table, as most of a record's bytes that are not payload are digits.
extension ByteWriter {
  /// `00` to `99`.
  private static let pairs: StaticString =
    """
    0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

  /// Writes `value` in decimal.
  @inline(__always)
  public mutating func decimal(_ value: UInt64) {
    if value < 10 {
      byte(UInt8(truncatingIfNeeded: value) &+ 0x30)
    } else {
      decimal(value, width: Self.digits(value))
    }
  }

  /// Writes `value` in decimal.
  @inline(__always)
  public mutating func decimal(_ value: Int) {
    if value < 0 { byte(0x2D) }
    decimal(UInt64(value.magnitude))
  }

  /// How many decimal digits `value`, which is not 0, has.
  private static func digits(_ value: UInt64) -> Int {
    if value < 100 { return 2 }
    if value < 1000 { return 3 }
    if value < 10_000 { return 4 }
    if value < 100_000 { return 5 }
    if value < 1_000_000 { return 6 }
    var digits = 6
    var rest = value / 1_000_000
    while rest > 0 {
      rest /= 10
      digits += 1
    }
    return digits
  }

  /// Writes the last `width` decimal digits of `value`, with leading zeros.
  public mutating func decimal(_ value: UInt64, width: Int) {
    let place = room(width)
    let table = Self.pairs.utf8Start
    var rest = value
    var i = width
    while i >= 2 {
      i &-= 2
      let quotient = rest / 100
      let pair = Int(truncatingIfNeeded: rest &- quotient &* 100) &* 2
      place[i] = table[pair]
      place[i &+ 1] = table[pair &+ 1]
      rest = quotient
    }
    if i == 1 { place[0] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30 }
    count += width
  }

  /// Writes the lowest `digits` hexadecimal digits of `value`, in lower case.
  public mutating func hex(_ value: UInt64, digits: Int) {
    var left = digits
    while left >= 8 {
      left -= 8
      let text = Self.hexText(UInt32(truncatingIfNeeded: value >> UInt64(left * 4)))
      UnsafeMutableRawPointer(room(8)).storeBytes(of: text.bigEndian, as: UInt64.self)
      count += 8
    }
    while left > 0 {
      left -= 1
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64(left * 4)) & 0xF
      byte(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
    }
  }

  /// The eight digits of `value`, the first in the most significant byte: its nibbles are spread over eight bytes, and those
  /// past nine moved on to the letters.
  private static func hexText(_ value: UInt32) -> UInt64 {
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
