import Bytes
import Capture

/// Writes times as RFC 3339 in UTC with nanoseconds. The text is kept from one call to the next, as most packets of a capture
/// share their second with the one before, and most frames begin and end in one packet.
struct TimestampWriter {
  private var time = Timestamp(nanoseconds: .min)
  private var second = Int64.min
  private var text = InlineArray<30, UInt8>(repeating: 0x5A)

  /// Writes `2026-11-20T02:41:00.123456789Z`.
  mutating func write(_ time: Timestamp, to writer: inout ByteWriter) {
    if time != self.time || second == .min { set(time) }
    writer.inline(text)
  }

  private mutating func set(_ time: Timestamp) {
    self.time = time
    let (second, nanoseconds) = Self.split(time)
    if second != self.second { setPrefix(second) }
    let upper = UInt64(nanoseconds) / 100_000_000
    text[20] = UInt8(truncatingIfNeeded: upper) &+ 0x30
    var digits = ByteWriter.eightDigits(UInt64(nanoseconds) &- upper &* 100_000_000)
    for i in 21..<29 {
      text[i] = UInt8(truncatingIfNeeded: digits) &+ 0x30
      digits >>= 8
    }
  }

  /// Whole seconds, rounded down, and the nanoseconds since.
  static func split(_ time: Timestamp) -> (Int64, Int64) {
    var (second, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 {
      second -= 1
      rest += 1_000_000_000
    }
    return (second, rest)
  }

  private mutating func setPrefix(_ second: Int64) {
    self.second = second
    var days = second / 86_400
    var left = second % 86_400
    if left < 0 {
      days -= 1
      left += 86_400
    }
    let (year, month, day) = civil(days)
    put(year, 0, 4, 0x2D)
    put(month, 5, 2, 0x2D)
    put(day, 8, 2, 0x54)
    put(left / 3600, 11, 2, 0x3A)
    put(left / 60 % 60, 14, 2, 0x3A)
    put(left % 60, 17, 2, 0x2E)
  }

  private mutating func put(_ value: Int64, _ start: Int, _ width: Int, _ separator: UInt8) {
    var rest = value
    for i in (start..<start + width).reversed() {
      text[i] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
      rest /= 10
    }
    text[start + width] = separator
  }
}

/// Times as text, for what is not written by a `ByteWriter`.
public struct TimeText: ~Copyable {
  private var times = TimestampWriter()
  private var writer = ByteWriter()

  /// Nothing is kept yet.
  public init() {}

  /// `2026-11-20T02:41:00.123456789Z`.
  public mutating func text(_ time: Timestamp) -> String {
    writer.removeAll()
    times.write(time, to: &writer)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// Year, month and day of the proleptic Gregorian calendar, `days` after 1970-01-01. Counts from 1 March of year 0 in eras of
/// 400 years, so that leap days come last.
func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}
