/// The unit in which a capture file counts time: pcapng's `if_tsresol`.
public struct TimestampResolution: RawRepresentable, Hashable, Sendable {
  /// The negative exponent in the low 7 bits; of 2 if the top bit is set, of 10 if not.
  public var rawValue: UInt8

  /// The resolution that `if_tsresol` writes as `rawValue`.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Millionths of a second: pcapng's default.
  public static let microseconds = TimestampResolution(rawValue: 6)
  /// Billionths of a second.
  public static let nanoseconds = TimestampResolution(rawValue: 9)

  /// 10 to the power of `-exponent` seconds; `exponent` is taken modulo 128.
  public static func decimal(_ exponent: UInt8) -> TimestampResolution { .init(rawValue: exponent & 0x7f) }

  /// 2 to the power of `-exponent` seconds; `exponent` is taken modulo 128.
  public static func binary(_ exponent: UInt8) -> TimestampResolution { .init(rawValue: exponent | 0x80) }

  /// The exponent, without its sign: 0 to 127.
  public var exponent: Int { Int(rawValue & 0x7f) }

  /// Whether the unit is a power of 2.
  public var isBinary: Bool { rawValue & 0x80 != 0 }

  /// How many nanoseconds a unit is, if that is a whole number below 2^63; else 0.
  var nanosecondsPerTick: UInt64 {
    if isBinary { return exponent <= 9 ? 1_000_000_000 >> UInt64(exponent) : 0 }
    return exponent <= 9 ? UInt64(powerOfTen(9 - exponent)) : 0
  }

  /// Nanoseconds in `ticks` units, exact, rounded down. `ticks` comes from the wire: the result needs 94 bits.
  func nanoseconds(in ticks: UInt64) -> Int128 {
    let billionths = Int128(ticks) * 1_000_000_000
    if isBinary { return billionths >> Int128(exponent) }
    // 10^29 is more than any 94-bit number.
    return exponent < 29 ? billionths / powerOfTen(exponent) : 0
  }

  /// Units in `nanoseconds` since the epoch, rounded down and clamped to 64 unsigned bits.
  func ticks(in nanoseconds: Int64) -> UInt64 {
    guard nanoseconds > 0 else { return 0 }
    // 63 bits times 2^127 or 10^127 would not fit; neither does the result then.
    guard exponent <= (isBinary ? 64 : 19) else { return .max }
    let unitsPerSecond = isBinary ? Int128(1) << Int128(exponent) : powerOfTen(exponent)
    let (product, overflow) = Int128(nanoseconds).multipliedReportingOverflow(by: unitsPerSecond)
    return overflow ? .max : UInt64(clamping: product / 1_000_000_000)
  }
}

/// 10 to the power of `exponent`, which is 0 to 38.
private func powerOfTen(_ exponent: Int) -> Int128 {
  var power: Int128 = 1
  for _ in 0..<exponent { power *= 10 }
  return power
}
