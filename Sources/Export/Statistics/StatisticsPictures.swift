import Bytes
import Statistics

/// Pictures made of block characters.
enum StatisticsPictures {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  private static let levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// A bar as long as `value` is to `greatest`, in so many columns; something for anything.
  static func bar(_ value: UInt64, of greatest: UInt64, columns: Int) -> String {
    guard value > 0, greatest > 0 else { return "" }
    let length = max(1, Int((Double(value) / Double(greatest) * Double(columns * 8)).rounded()))
    return String(repeating: "█", count: length / 8) + eighths[length % 8]
  }

  /// A column for each value, or for several where there are too many; nothing is shown as a space.
  static func line(_ values: [UInt64], columns: Int) -> String {
    let share = max(1, (values.count + columns - 1) / max(columns, 1))
    let sums = stride(from: 0, to: values.count, by: share).map { start in
      values[start..<min(start + share, values.count)].reduce(0, +)
    }
    let greatest = Double(max(sums.max() ?? 0, 1))
    return sums.map { $0 == 0 ? " " : levels[min(7, Int(Double($0) / greatest * 8))] }.joined()
  }

  /// The ranges that sizes are counted in, each one or more powers of two, with the counts of several distributions.
  static func sizes(_ distributions: [Distribution], mostRows: Int) -> [(label: String, counts: [UInt64])] {
    let used = (0...64).filter { magnitude in distributions.contains { $0.byMagnitude[magnitude] > 0 } }
    guard let first = used.first, let last = used.last else { return [] }
    let step = max(1, (last - first + mostRows) / mostRows)
    return stride(from: first, through: last, by: step).map { start in
      let end = min(start + step - 1, 64)
      let counts = distributions.map { $0.byMagnitude[start...end].reduce(0, +) }
      return (label(start, end), counts)
    }
  }

  /// `64–127 B`: the values of `first` to `last` significant bits.
  private static func label(_ first: Int, _ last: Int) -> String {
    let low: UInt64 = first == 0 ? 0 : 1 << UInt64(first - 1)
    let high: UInt64 = last == 0 ? 0 : last == 64 ? .max : 1 << UInt64(last) - 1
    if low == high { return "\(low) B" }
    if high < 1024 { return "\(low)–\(high) B" }
    return low < 1024 ? "\(low) B–\(binary(high &+ 1))" : "\(binary(low))–\(binary(high &+ 1))"
  }

  /// A power of two from 1024 on, as people say it: `64 KiB`; 0 stands for 2^64.
  private static func binary(_ value: UInt64) -> String {
    guard value > 0 else { return "16 EiB" }
    let unit = value.trailingZeroBitCount / 10
    return "\(value >> UInt64(10 * unit)) \(["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][unit])"
  }
}
