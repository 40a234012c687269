import Bytes
import Capture
import Transport
import WebSocket

/// Digits of `value` in decimal.
func decimalDigits(_ value: UInt64) -> Int {
  var digits = 1
  var rest = value
  while rest >= 10 {
    rest /= 10
    digits += 1
  }
  return digits
}

extension ByteWriter {
  /// Writes `nanoseconds` as seconds with six decimals, right-aligned in `width` columns. Gives the columns that it took.
  @discardableResult
  mutating func alignedSeconds(_ nanoseconds: Int64, width: Int) -> Int {
    let microseconds = nanoseconds.magnitude / 1000
    let isNegative = nanoseconds < 0
    let needed = decimalDigits(microseconds / 1_000_000) + (isNegative ? 8 : 7)
    fill(0x20, width - needed)
    if isNegative { byte(0x2D) }
    decimal(microseconds / 1_000_000)
    byte(0x2E)
    decimal(microseconds % 1_000_000, width: 6)
    return max(width, needed)
  }

  /// Writes `+0.001234` in ten columns: six decimals, fewer where the seconds need the room.
  mutating func difference(_ nanoseconds: Int64) {
    let microseconds = nanoseconds.magnitude / 1000
    let seconds = microseconds / 1_000_000
    let digits = decimalDigits(seconds)
    let decimals = min(6, 8 - digits)
    fill(0x20, decimals > 0 ? 8 - digits - decimals : 9 - digits)
    byte(nanoseconds < 0 ? 0x2D : 0x2B)
    decimal(seconds)
    guard decimals > 0 else { return }
    byte(0x2E)
    var fraction = microseconds % 1_000_000
    for _ in decimals..<6 { fraction /= 10 }
    decimal(fraction, width: decimals)
  }

  /// Writes a probability, such as `0.999`: with up to six digits, rounded down.
  mutating func probability(_ confidence: Confidence) {
    seconds(nanoseconds: Int64(confidence.probability * 1e6) * 1000)
  }

  /// Writes a size for a column.
  mutating func size(_ bytes: UInt64) {
    if TerminalSize.isPlain(bytes) { decimal(bytes) } else { text(Phrase.size(bytes)) }
  }
}

/// Sizes in a column: plain digits up to 10 GB; what is more, which only a broken header can say, with a unit.
enum TerminalSize {
  static func isPlain(_ bytes: UInt64) -> Bool { bytes < 10_000_000_000 }

  static func columns(_ bytes: UInt64) -> Int {
    isPlain(bytes) ? decimalDigits(bytes) : Phrase.size(bytes).utf8.count
  }
}

/// Numbers as people say them.
enum Phrase {
  /// `1 frame`, `2 frames`.
  static func count(_ number: UInt64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `120 B`, `1.2 kB`, `34 MB`: units of 1000, two digits or three.
  static func size(_ bytes: UInt64) -> String { scaled(bytes, ["B", "kB", "MB", "GB", "TB", "PB", "EB"]) }

  private static func scaled(_ value: UInt64, _ units: [String]) -> String {
    func rounded(_ divisor: UInt64) -> UInt64 { value / divisor + (value % divisor >= divisor / 2 ? 1 : 0) }
    if value < 1000 { return "\(value) \(units[0])" }
    var unit = 1
    var divisor: UInt64 = 1000
    while unit < units.count - 1, rounded(divisor) >= 1000 {
      unit += 1
      divisor *= 1000
    }
    let tenths = rounded(divisor / 10)
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(rounded(divisor)) \(units[unit])"
  }

  /// `850 µs`, `3.9 ms`, `12 ms`, `12.3 s`, `60.0 s`, `3 min 20 s`, `2 h 5 min`.
  static func duration(_ nanoseconds: Int64) -> String {
    let sign = nanoseconds < 0 ? "-" : ""
    let microseconds = nanoseconds.magnitude / 1000
    switch microseconds {
    case 0..<1000: return "\(sign)\(microseconds) µs"
    case 1000..<10_000: return "\(sign)\(microseconds / 1000).\(microseconds / 100 % 10) ms"
    case 10_000..<1_000_000: return "\(sign)\(microseconds / 1000) ms"
    case 1_000_000..<120_000_000: return "\(sign)\(microseconds / 1_000_000).\(microseconds / 100_000 % 10) s"
    default: break
    }
    let seconds = microseconds / 1_000_000
    if seconds < 3600 { return "\(sign)\(seconds / 60) min \(seconds % 60) s" }
    return "\(sign)\(seconds / 3600) h \(seconds / 60 % 60) min"
  }

  /// `0.001234`: seconds with six decimals.
  static func seconds(_ nanoseconds: Int64) -> String {
    text { $0.alignedSeconds(nanoseconds, width: 0) }
  }

  /// `2026-11-20 02:41:00.123456 UTC`.
  static func date(_ time: Timestamp) -> String {
    let (second, nanoseconds) = TimestampWriter.split(time)
    var days = second / 86_400
    var left = second % 86_400
    if left < 0 {
      days -= 1
      left += 86_400
    }
    let (year, month, day) = civil(days)
    func digits(_ value: Int64, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let clock = "\(digits(left / 3600, 2)):\(digits(left / 60 % 60, 2)):\(digits(left % 60, 2))"
    return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2)) \(clock).\(digits(nanoseconds / 1000, 6)) UTC"
  }

  /// `10.0.0.1:51514`.
  static func endpoint(_ endpoint: Endpoint) -> String { text { $0.endpoint(endpoint) } }

  /// `10.0.0.1`.
  static func address(_ address: IPAddress) -> String { text { $0.address(address) } }

  /// What `body` writes.
  static func text(_ body: (inout ByteWriter) -> Void) -> String {
    var writer = ByteWriter()
    body(&writer)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
