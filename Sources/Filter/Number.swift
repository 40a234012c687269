/// A number with a unit, as people write it.
struct Number {
  /// Exactly, where it is whole.
  let integer: Int128?
  let double: Double
  /// In nanoseconds, if it is taken as seconds: exactly for all that has nine digits behind the point.
  let nanoseconds: Int64?

  /// Units of sizes, in bytes. As in other options, a k is 1024 bytes, and so is a KiB.
  static let sizes: [String: Int128] = [
    "B": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "kB": 1000, "KB": 1000,
    "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    "TiB": 1 << 40,
  ]
  /// Units of time spans, in nanoseconds; without one, seconds are meant.
  static let times: [String: Int128] = [
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
    "min": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
  ]
  private static let second: Int128 = 1_000_000_000

  /// Reads `word`, which may end in one of `units`; nil if it is no such number.
  init?(_ word: String, _ units: [String: Int128]) {
    var rest = Substring(word)
    let isNegative = rest.hasPrefix("-")
    if isNegative { rest = rest.dropFirst() }
    if rest.hasPrefix("0x") {
      guard let value = UInt64(rest.dropFirst(2), radix: 16), rest.utf8.count > 2, rest.dropFirst(2).first != "+" else {
        return nil
      }
      self.init(Int128(value), 1, isNegative, unit: 1, isTime: false)
      return
    }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    var fraction: Substring = ""
    if rest.hasPrefix(".") {
      fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(fraction.count + 1)
    }
    guard !digits.isEmpty else { return nil }
    let hasExponent = rest.hasPrefix("e") || rest.hasPrefix("E")
    if hasExponent || digits.utf8.count > 20 || fraction.utf8.count > 9 {
      guard hasExponent || rest.isEmpty, let value = Double(word) else { return nil }
      self.init(double: value)
      return
    }
    var unit: Int128 = 1
    if !rest.isEmpty {
      guard let found = units[String(rest)] else { return nil }
      unit = found
    }
    guard let value = Int128(digits + fraction) else { return nil }
    var scale: Int128 = 1
    for _ in 0..<fraction.utf8.count { scale *= 10 }
    self.init(value, scale, isNegative, unit: unit, isTime: !rest.isEmpty && units == Self.times)
  }

  private init(double: Double) {
    integer = nil
    self.double = double
    let nanoseconds = (double * 1e9).rounded()
    self.nanoseconds = Int64(exactly: nanoseconds)
  }

  private init(_ value: Int128, _ scale: Int128, _ isNegative: Bool, unit: Int128, isTime: Bool) {
    let signed = isNegative ? -value : value
    let (product, hasOverflown) = signed.multipliedReportingOverflow(by: unit)
    let total = hasOverflown ? (isNegative ? -Int128(Int64.max) : Int128(Int64.max)) * scale : product
    let seconds = Double(total) / Double(scale)
    if isTime {
      nanoseconds = Int64(clamping: total / scale)
      integer = nil
      double = seconds / 1e9
    } else {
      let (long, isTooLong) = total.multipliedReportingOverflow(by: Self.second)
      nanoseconds = isTooLong ? nil : Int64(clamping: long / scale)
      integer = total % scale == 0 ? total / scale : nil
      double = seconds
    }
  }

  /// The number, exact where it can be.
  var literal: Literal { integer.map { .integer($0) } ?? .double(double) }
}
