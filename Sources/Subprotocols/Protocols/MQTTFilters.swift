import Bytes

/// What topic filters may look like.
enum MQTTFilters {
  /// Tells what is wrong with the topic filter `range` (MQTT 5 §4.7.1, §4.8.2).
  static func check(_ bytes: RawSpan, _ range: Range<Int>, isFive: Bool, _ faults: inout MQTTFaults) {
    if range.isEmpty { return faults.add("an empty topic filter") }
    for i in range {
      let byte = bytes.u8(i)
      guard byte == UInt8(ascii: "#") || byte == UInt8(ascii: "+") else { continue }
      let followsLevel = i == range.lowerBound || bytes.u8(i - 1) == UInt8(ascii: "/")
      let endsLevel = i + 1 == range.upperBound || bytes.u8(i + 1) == UInt8(ascii: "/")
      let isLast = i + 1 == range.upperBound
      if !followsLevel || !endsLevel || byte == UInt8(ascii: "#") && !isLast {
        return faults.add("a topic filter with a wildcard where none may be")
      }
    }
    if isFive, isShared(bytes, range), !hasShareName(bytes, range) {
      faults.add("a shared subscription without a name or a topic filter")
    }
  }

  /// Whether it is that of a shared subscription (MQTT 5 §4.8.2).
  static func isShared(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    bytes.extracting(range).begins(with: "$share/")
  }

  /// Whether a name without wildcards stands between the first slashes, and something behind it.
  private static func hasShareName(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    let name = range.lowerBound + 7
    for i in name..<range.upperBound {
      switch bytes.u8(i) {
      case UInt8(ascii: "/"): return i > name && i + 1 < range.upperBound
      case UInt8(ascii: "#"), UInt8(ascii: "+"): return false
      default: continue
      }
    }
    return false
  }
}
