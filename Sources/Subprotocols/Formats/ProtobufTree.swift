import Bytes

/// What bytes mean that are taken for a message of Protocol Buffers without its description: a tree of fields, by the wire format alone
/// (https://protobuf.dev/programming-guides/encoding/).
struct ProtobufTree {
  /// How deep messages may be nested, and how many fields are read; what is beyond is shown as bytes.
  static let mostDepth = 16
  static let mostFields = 20_000

  /// What a field holds.
  enum Value: Equatable {
    case number(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case text(Range<Int>)
    case data(Range<Int>)
    /// A message: its fields are at this range of `fields`.
    case message(Range<Int>)
  }

  /// A field of a message.
  struct Field {
    var number: UInt64
    var value: Value
    /// Of a message that is still to be read: how deep it is.
    var depth: Int
  }

  private(set) var fields: [Field] = []
  /// How much speaks for it being such a message: the binary logarithm of the odds.
  private(set) var odds = -5.0

  /// The tree of `bytes`; nil if they are no such message.
  init?(_ bytes: RawSpan) {
    guard let end = read(bytes, 0..<bytes.byteCount, depth: 0), end > 0 else { return nil }
    var next = 0
    while next < fields.count {
      open(bytes, next)
      next += 1
    }
  }

  /// What is in the field at `index`, if that is bytes: text, a message, or only bytes.
  private mutating func open(_ bytes: RawSpan, _ index: Int) {
    guard case .data(let range) = fields[index].value else { return }
    let isText = Self.isText(bytes, range)
    if isText {
      fields[index].value = .text(range)
      odds += range.isEmpty ? 0 : 0.5 + min(Double(range.count), 16) * 0.7
      return
    }
    let depth = fields[index].depth + 1
    let (count, before) = (fields.count, odds)
    guard depth < Self.mostDepth, read(bytes, range, depth: depth) != nil, odds >= before else {
      fields.removeLast(fields.count - count)
      odds = before - 1
      return
    }
    fields[index].value = .message(count..<fields.count)
  }

  /// Reads the fields in `range`; their number, nil if that is no message.
  private mutating func read(_ bytes: RawSpan, _ range: Range<Int>, depth: Int) -> Int? {
    var position = range.lowerBound
    var (count, last): (Int, UInt64) = (0, 0)
    while position < range.upperBound {
      guard fields.count < Self.mostFields, let tag = Self.varint(bytes, &position, range.upperBound) else {
        return nil
      }
      let number = tag >> 3
      // Field numbers (language guide, "Assigning Field Numbers").
      guard number >= 1, number < 1 << 29, !(19_000...19_999).contains(number) else { return nil }
      guard let value = value(bytes, tag & 7, &position, range.upperBound) else { return nil }
      odds += number < 16 ? 1.8 : number < 200 ? -1 : -6
      odds += number < last ? -2 : number - last <= 4 ? 0.7 : 0
      last = number
      fields.append(Field(number: number, value: value, depth: depth))
      count += 1
    }
    return count
  }

  private mutating func value(_ bytes: RawSpan, _ type: UInt64, _ position: inout Int, _ end: Int) -> Value? {
    switch type {
    case 0:
      guard let value = Self.varint(bytes, &position, end) else { return nil }
      odds -= value > 1 << 40 ? 1 : 0
      return .number(value)
    case 1:
      guard end - position >= 8 else { return nil }
      defer { position += 8 }
      let bits: UInt64 = bytes.load(position, .little)
      odds += Self.isPlausible(Double(bitPattern: bits)) ? 2 : -2
      return .fixed64(bits)
    case 2:
      guard let length = Self.varint(bytes, &position, end), length <= UInt64(end - position) else { return nil }
      let start = position
      position += Int(length)
      return .data(start..<position)
    case 5:
      guard end - position >= 4 else { return nil }
      defer { position += 4 }
      let bits: UInt32 = bytes.load(position, .little)
      odds += Self.isPlausible(Double(Float(bitPattern: bits))) ? 1 : -2
      return .fixed32(bits)
    default: return nil  // groups are not used any more
    }
  }

  /// A number of 64 bits in groups of seven, as short as it goes; nil if there is none.
  private static func varint(_ bytes: RawSpan, _ position: inout Int, _ end: Int) -> UInt64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while position < end, shift < 64 {
      let byte = bytes.u8(position)
      position += 1
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
      shift += 7
    }
    return nil
  }

  /// Whether a number is of a size that people use.
  static func isPlausible(_ value: Double) -> Bool { value == 0 || (1e-6...1e12).contains(value.magnitude) }

  /// Whether the bytes of `range` are UTF-8 without controls but white space.
  private static func isText(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    for i in range where bytes.u8(i) < 0x20 && !(0x09...0x0D).contains(bytes.u8(i)) || bytes.u8(i) == 0x7F {
      return false
    }
    return UTF8Validator.isValid(bytes.extracting(range))
  }
}
