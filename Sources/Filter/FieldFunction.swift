import Bytes

/// What is made of a field's value before it is compared: `len(payload)`, `lower(url)`, `payload[0:4]`.
enum FieldFunction: Equatable {
  /// Bytes of text or bytes.
  case len
  /// Letters of ASCII in upper or lower case.
  case lower, upper
  /// How many values the field has.
  case count
  /// A number as text.
  case string
  /// Some of the bytes.
  case slice([ByteSlice])

  /// By name.
  static let names: [String: FieldFunction] = [
    "len": .len, "lower": .lower, "upper": .upper, "count": .count, "string": .string,
  ]

  /// Functions of Wireshark's that there are not, and what may be said instead.
  static let advice: [String: String] = [
    "max": "compare with each value apart", "min": "compare with each value apart",
    "abs": "compare with both, as in: x > 5 or x < -5", "vals": "say opcode_name, close.name and so on",
    "dec": "numbers may be written in hexadecimal: 0x1f", "hex": "numbers may be written in hexadecimal: 0x1f",
    "float": "numbers of all kinds can be compared", "double": "numbers of all kinds can be compared",
    "unhexlify": "write bytes as de:ad:be:ef",
  ]

  /// What becomes of a value of `type`; nil if it cannot be applied to that.
  func result(_ type: FieldType) -> FieldType? {
    switch (self, type) {
    case (.count, _): .integer
    case (.len, .string), (.len, .choice), (.len, .bytes): .integer
    case (.lower, .string), (.upper, .string), (.lower, .choice), (.upper, .choice): .string
    case (.string, .integer), (.string, .string), (.string, .choice): .string
    case (.slice, .bytes): .bytes
    case (.slice, .string), (.slice, .choice): .string
    default: nil
    }
  }

  /// What it is applied to, for an error.
  var subject: String {
    switch self {
    case .len, .slice: "text or bytes"
    case .lower, .upper: "text"
    case .string: "whole numbers"
    case .count: "a field"
    }
  }

  /// What becomes of `value`.
  func apply(_ value: FieldValue, _ payload: RawSpan) -> FieldValue {
    switch (self, value) {
    case (_, .absent): return .absent
    case (.count, .list(let elements)): return .integer(UInt64(elements.count))
    case (.count, _): return .integer(1)
    case (_, .list(let elements)):
      let values = elements.map { apply($0, payload) }.filter { $0 != .absent }
      return values.isEmpty ? .absent : .list(values)
    case (.string, .integer(let number)): return .string("\(number)")
    case (.string, _): return value
    default: break
    }
    switch value {
    case .payloadText(let range):
      // What lies in the payload stays there, where it can.
      if case .slice(let slices) = self, slices.count == 1 {
        return slices[0].range(of: range.count).map {
          .payloadText(range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound)
        } ?? .absent
      }
      if self == .len { return .integer(UInt64(range.count)) }
      return apply(payload.extracting(range).withUnsafeBytes { Array($0) })
    case .payloadBytes(let range):
      if case .slice(let slices) = self, slices.count == 1 {
        return slices[0].range(of: range.count).map {
          .payloadBytes(range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound)
        } ?? .absent
      }
      if self == .len { return .integer(UInt64(range.count)) }
      return apply(payload.extracting(range).withUnsafeBytes { Array($0) })
    case .string(let text): return apply(Array(text.utf8))
    case .bytes(let bytes): return apply(bytes)
    default: return .absent
    }
  }

  private func apply(_ bytes: [UInt8]) -> FieldValue {
    switch self {
    case .len: return .integer(UInt64(bytes.count))
    case .lower: return .bytes(bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    case .upper: return .bytes(bytes.map { (0x61...0x7A).contains($0) ? $0 & ~0x20 : $0 })
    case .slice(let slices):
      var result: [UInt8] = []
      for slice in slices {
        guard let range = slice.range(of: bytes.count) else { return .absent }
        result += bytes[range]
      }
      return .bytes(result)
    case .count, .string: return .absent
    }
  }
}

/// One part of a slice: `0:4`, `4-7`, `2`, `:4`, `4:`. Places below 0 count from the end.
struct ByteSlice: Equatable {
  /// The first byte.
  var start: Int
  /// How many; nil: up to the end.
  var count: Int?
  /// The last byte, where that is given.
  var last: Int?

  /// Reads what stands between the brackets, as Wireshark does; nil if it is no slice.
  static func slices(_ text: Substring) -> [ByteSlice]? {
    let slices = text.split(separator: ",", omittingEmptySubsequences: false).map { ByteSlice($0) }
    return slices.contains { $0 == nil } ? nil : slices.compactMap { $0 }
  }

  private init?(_ text: Substring) {
    let text = text.filter { $0 != " " }
    if let colon = text.firstIndex(of: ":") {
      guard let start = Self.number(text[..<colon], empty: 0) else { return nil }
      let rest = text[text.index(after: colon)...]
      if rest.isEmpty {
        self.init(start: start, count: nil, last: nil)
      } else {
        guard let count = Self.number(rest), count > 0 else { return nil }
        self.init(start: start, count: count, last: nil)
      }
    } else if let dash = text.dropFirst().firstIndex(of: "-") {
      guard let start = Self.number(text[..<dash]), let last = Self.number(text[text.index(after: dash)...]) else {
        return nil
      }
      guard (start < 0) != (last < 0) || start <= last else { return nil }
      self.init(start: start, count: nil, last: last)
    } else {
      guard let start = Self.number(text[...]) else { return nil }
      self.init(start: start, count: 1, last: nil)
    }
  }

  private init(start: Int, count: Int?, last: Int?) {
    self.start = start
    self.count = count
    self.last = last
  }

  private static func number(_ text: Substring, empty: Int? = nil) -> Int? {
    if text.isEmpty { return empty }
    guard let number = Int(text), (-0x7FFF_FFFF...0x7FFF_FFFF).contains(number), text.first != "+" else { return nil }
    return number
  }

  /// The bytes that are meant of `length`; nil if they are not all there.
  func range(of length: Int) -> Range<Int>? {
    let begin = start < 0 ? length + start : start
    let end: Int
    if let last {
      end = (last < 0 ? length + last : last) + 1
    } else {
      end = count.map { begin + $0 } ?? length
    }
    return begin >= 0 && begin < end && end <= length ? begin..<end : nil
  }
}
