/// When a capture goes on in another file, and how many files are kept.
struct RingRule: Equatable, Sendable {
  /// Bytes that the packets of a file take at most, unless one alone is longer; what each file begins with does not count.
  var size: UInt64?
  /// Nanoseconds from the first packet of a file to that of the next, at least.
  var time: Int64?
  /// Files that are kept, the latest ones.
  var files: Int?

  /// What is wrong with a rule.
  struct Fault: Error, Equatable {
    /// The part of the rule; all of it where none is wrong by itself.
    var part: String
    /// What should be there.
    var expected: String
  }

  /// The rule that `text` names: `size=100MB,time=1h,files=10`.
  init(_ text: String) throws(Fault) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      try take(part.drop { $0 == " " })
    }
    if size == nil, time == nil {
      throw Fault(part: text, expected: "size= or time= as well, such as size=100MB,time=1h,files=10")
    }
  }

  private mutating func take(_ part: Substring) throws(Fault) {
    let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = sides.count == 2 ? sides[1] : ""
    switch sides[0] {
    case "size":
      guard size == nil else { throw Fault(part: String(part), expected: "size= once") }
      guard let (number, unit) = Self.split(value), number > 0, let factor = Self.bytes(unit),
        let bytes = Self.product(number, factor)
      else {
        throw Fault(part: String(part), expected: "a whole number of bytes such as size=4096, size=64k or size=100MB")
      }
      size = bytes
    case "time":
      guard time == nil else { throw Fault(part: String(part), expected: "time= once") }
      guard let nanoseconds = Self.nanoseconds(value) else {
        throw Fault(part: String(part), expected: "a time such as time=90, time=0.5s, time=10m, time=2h or time=1d")
      }
      time = nanoseconds
    case "files":
      guard files == nil else { throw Fault(part: String(part), expected: "files= once") }
      guard let (number, unit) = Self.split(value), unit.isEmpty, number > 0, let count = Int(exactly: number) else {
        throw Fault(part: String(part), expected: "a whole number such as files=10")
      }
      files = count
    default: throw Fault(part: String(part), expected: "size=, time= or files=, such as size=100MB,time=1h,files=10")
    }
  }

  private static func split(_ text: Substring) -> (UInt64, String)? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    return UInt64(digits).map { ($0, String(text.dropFirst(digits.count)).lowercased()) }
  }

  private static func product(_ a: UInt64, _ b: UInt64) -> UInt64? {
    let (product, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? nil : product
  }

  private static func bytes(_ unit: String) -> UInt64? {
    switch unit {
    case "", "b": 1
    case "kb": 1_000
    case "mb": 1_000_000
    case "gb": 1_000_000_000
    case "k", "kib": 1 << 10
    case "m", "mib": 1 << 20
    case "g", "gib": 1 << 30
    default: nil
    }
  }

  private static func nanoseconds(_ text: Substring) -> Int64? {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let unit: Double? =
      switch text.dropFirst(digits.count).lowercased() {
      case "", "s": 1
      case "ms": 0.001
      case "m", "min": 60
      case "h": 3600
      case "d": 86_400
      default: nil
      }
    guard let unit, let number = Double(digits) else { return nil }
    let time = Int64(exactly: (number * unit * 1_000_000_000).rounded())
    return time.flatMap { $0 > 0 ? $0 : nil }
  }
}
