/// The text of a progress line, without any control characters.
enum ProgressLine {
  /// How far the work is: ` 42%  1.2 GiB of 2.9 GiB  310 MiB/s  0:05 left`, or without a known end
  /// `1.2 GiB  310 MiB/s  0:04`. What does not fit into `width` columns is left out, from the right.
  ///
  /// - Parameters:
  ///   - done: Bytes read so far.
  ///   - total: Bytes to read in all; nil when nobody knows. A smaller number than `done` counts as unknown.
  ///   - elapsed: Time since the start.
  static func text(done: UInt64, total: UInt64?, elapsed: Duration, width: Int) -> String {
    let seconds = max(0, elapsed / .seconds(1))
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts: [String] = []
    if let total, total >= done, total > 0 {
      let percent = String(Int(Double(done) / Double(total) * 100))
      parts.append(String(repeating: " ", count: max(0, 3 - percent.count)) + percent + "%")
      parts.append("\(size(Double(done))) of \(size(Double(total)))")
      if rate > 0 { parts += ["\(size(rate))/s", "\(time(Double(total - done) / rate)) left"] }
    } else {
      parts.append(size(Double(done)))
      if rate > 0 { parts += ["\(size(rate))/s", time(seconds)] }
    }
    return fitting(parts, into: width)
  }

  /// `parts` with two spaces between; those that do not fit into `width` columns are left out, from the right.
  static func fitting(_ parts: [String], into width: Int) -> String {
    var text = ""
    for part in parts {
      let longer = text.isEmpty ? part : text + "  " + part
      if longer.count > width { break }
      text = longer
    }
    return text
  }

  /// `bytes` with two or three digits and a binary unit: `512 B`, `1.2 GiB`, `310 MiB`.
  static func size(_ bytes: Double) -> String {
    var value = bytes
    var units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][...]
    // 999.5 would print as 1000.
    while value >= 999.5, units.count > 1 {
      value /= 1024
      units.removeFirst()
    }
    let unit = units.first ?? ""
    // 9.95 would print as 10.0.
    guard value < 9.95, unit != "B" else { return "\(Int(value.rounded())) \(unit)" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }

  /// `seconds` as `0:05`, `12:34` or `1:02:03`; from 100 hours on, `>100 h`.
  static func time(_ seconds: Double) -> String {
    guard seconds < 360_000 else { return ">100 h" }
    let whole = Int(seconds.rounded())
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (minutes, rest) = (whole / 60, twoDigits(whole % 60))
    return minutes < 60 ? "\(minutes):\(rest)" : "\(minutes / 60):\(twoDigits(minutes % 60)):\(rest)"
  }
}
