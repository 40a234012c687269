import Capture

/// Times as RFC 3339 writes them.
public enum RFC3339 {
  /// The time that `text` says: `2026-11-20T02:41:00.5Z`, `2026-11-20 02:41:00+01:00`; a date alone is its midnight in UTC, and
  /// seconds and zone may be left out. Nil if it is none, or outside of what a `Timestamp` holds.
  public static func time(_ text: String) -> Timestamp? {
    var reader = Reader(rest: Array(text.utf8)[...])
    guard let year = reader.number(4), reader.takes("-"), let month = reader.number(2), reader.takes("-"),
      let day = reader.number(2), (1...12).contains(month), day >= 1, day <= days(in: month, of: year)
    else { return nil }
    var seconds = daysSinceEpoch(year, month, day) * 86_400
    var nanoseconds: Int64 = 0
    if !reader.rest.isEmpty {
      guard reader.takes("T") || reader.takes("t") || reader.takes(" "), let hour = reader.number(2), hour < 24,
        reader.takes(":"), let minute = reader.number(2), minute < 60
      else { return nil }
      seconds += hour * 3600 + minute * 60
      if reader.takes(":") {
        guard let second = reader.number(2), second <= 60 else { return nil }
        seconds += second
        if reader.takes(".") {
          guard let fraction = reader.fraction() else { return nil }
          nanoseconds = fraction
        }
      }
      guard let zone = reader.zone(), reader.rest.isEmpty else { return nil }
      seconds -= zone
    }
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, hasOverflown) = product.addingReportingOverflow(nanoseconds)
    return isTooLong || hasOverflown ? nil : Timestamp(nanoseconds: sum)
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func takes(_ character: Character) -> Bool {
      guard rest.first == character.asciiValue else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ digits: Int) -> Int64? {
      guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      let value = rest.prefix(digits).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
      rest.removeFirst(digits)
      return value
    }

    /// Digits behind the point, in nanoseconds; further ones are left out.
    mutating func fraction() -> Int64? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest.removeFirst(digits.count)
      let nine = Array(digits.prefix(9)) + Array(repeating: 0x30, count: max(0, 9 - digits.count))
      return nine.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Seconds east of UTC.
    mutating func zone() -> Int64? {
      if rest.isEmpty || takes("Z") || takes("z") { return 0 }
      let isWest = rest.first == 0x2D
      guard takes("+") || takes("-"), let hours = number(2), hours < 24, takes(":"), let minutes = number(2),
        minutes < 60
      else { return nil }
      return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days of the proleptic Gregorian calendar since 1970-01-01; years begin with March here, so that leap days come last.
  private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
