/// When a capture goes on in another file, and how many files are kept.
struct RingRule: Equatable, Sendable {
  /// Bytes that a file has at most, unless one packet alone is longer.
  var size: UInt64?
  /// Nanoseconds from the first packet of a file to that of the next, at least.
  var time: Int64?
  /// Files that are kept, the latest ones.
  var files: Int?

  /// The rule that `text` names: `size=100MB,time=1h,files=10`; nil if it names none.
  init?(_ text: String) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, let (number, unit) = Self.split(sides[1]), number > 0 else { return nil }
      switch sides[0] {
      case "size" where size == nil:
        guard let factor = Self.bytes(unit), let value = Self.product(number, factor) else { return nil }
        size = value
      case "time" where time == nil:
        guard let factor = Self.seconds(unit), let value = Self.product(number, factor * 1_000_000_000),
          let time = Int64(exactly: value)
        else { return nil }
        self.time = time
      case "files" where files == nil:
        guard unit.isEmpty, let value = Int(exactly: number) else { return nil }
        files = value
      default: return nil
      }
    }
    if size == nil, time == nil { return nil }
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

  private static func seconds(_ unit: String) -> UInt64? {
    switch unit {
    case "", "s": 1
    case "m", "min": 60
    case "h": 3600
    case "d": 86_400
    default: nil
    }
  }
}
