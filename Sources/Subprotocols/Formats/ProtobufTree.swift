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
    /// The fields of a group, which are to be read.
    case group(Range<Int>)
    /// A message, or a group: its fields are at this range of `fields`.
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
  /// Whether there are more fields than are read.
  private(set) var isCut = false

  /// The tree of `bytes`; nil if they are no such message. None at all are an empty one.
  init?(_ bytes: RawSpan) {
    guard read(bytes, 0..<bytes.byteCount, depth: 0) != nil else { return nil }
    var next = 0
    while next < fields.count {
      open(bytes, next)
      next += 1
    }
  }

  /// What is in the field at `index`, if that is bytes: text, a message, or only bytes.
  private mutating func open(_ bytes: RawSpan, _ index: Int) {
    if case .group(let range) = fields[index].value { return openGroup(bytes, range, index) }
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

  private mutating func openGroup(_ bytes: RawSpan, _ range: Range<Int>, _ index: Int) {
    let depth = fields[index].depth + 1
    let count = fields.count
    let isMessage = depth < Self.mostDepth && read(bytes, range, depth: depth) != nil
    if !isMessage { fields.removeLast(fields.count - count) }
    fields[index].value = isMessage ? .message(count..<fields.count) : .data(range)
  }

  /// Reads the fields in `range`; their number, nil if that is no message.
  private mutating func read(_ bytes: RawSpan, _ range: Range<Int>, depth: Int) -> Int? {
    var position = range.lowerBound
    var (count, last): (Int, UInt64) = (0, 0)
    while position < range.upperBound {
      guard fields.count < Self.mostFields else {
        isCut = isCut || depth == 0
        return depth == 0 ? count : nil
      }
      guard let tag = varint(bytes, &position, range.upperBound) else { return nil }
      let number = tag >> 3
      // Field numbers (language guide, "Assigning Field Numbers").
      guard number >= 1, number < 1 << 29, !(19_000...19_999).contains(number) else { return nil }
      guard let value = value(bytes, tag, &position, range.upperBound) else { return nil }
      odds += number < 16 ? 1.8 : number < 200 ? -1 : -6
      odds += number < last ? -2 : number - last <= 4 ? 0.7 : 0
      last = number
      fields.append(Field(number: number, value: value, depth: depth))
      count += 1
    }
    return count
  }

  private mutating func value(_ bytes: RawSpan, _ tag: UInt64, _ position: inout Int, _ end: Int) -> Value? {
    switch tag & 7 {
    case 0:
      guard let value = varint(bytes, &position, end) else { return nil }
      odds -= value > 1 << 40 ? 1 : 0
      return .number(value)
    case 1:
      guard end - position >= 8 else { return nil }
      defer { position += 8 }
      let bits: UInt64 = bytes.load(position, .little)
      odds += Self.isPlausible(Double(bitPattern: bits)) ? 2 : -2
      return .fixed64(bits)
    case 2:
      guard let length = varint(bytes, &position, end), length <= UInt64(end - position) else { return nil }
      let start = position
      position += Int(length)
      return .data(start..<position)
    case 3:  // groups are not used any more
      let start = position
      odds -= 6
      return groupEnd(bytes, &position, end, tag >> 3).map { .group(start..<$0) }
    case 5:
      guard end - position >= 4 else { return nil }
      defer { position += 4 }
      let bits: UInt32 = bytes.load(position, .little)
      odds += Self.isPlausible(Double(Float(bitPattern: bits))) ? 1 : -2
      return .fixed32(bits)
    default: return nil
    }
  }

  /// Where the group `number` ends whose fields begin at `position`, which is behind its end then; nil if it does not.
  private mutating func groupEnd(_ bytes: RawSpan, _ position: inout Int, _ end: Int, _ number: UInt64) -> Int? {
    var open = [number]
    let before = odds
    defer { odds = before }
    while position < end {
      let start = position
      guard let tag = varint(bytes, &position, end) else { return nil }
      switch tag & 7 {
      case 3:
        guard open.count < Self.mostDepth else { return nil }
        open.append(tag >> 3)
      case 4:
        guard open.popLast() == tag >> 3 else { return nil }
        if open.isEmpty { return start }
      default: guard value(bytes, tag, &position, end) != nil else { return nil }
      }
    }
    return nil
  }

  /// A number of 64 bits in groups of seven; nil if there is none. It may be longer than it need be, which hardly any is.
  private mutating func varint(_ bytes: RawSpan, _ position: inout Int, _ end: Int) -> UInt64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while position < end, shift < 64 {
      let byte = bytes.u8(position)
      position += 1
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        if byte == 0, shift > 0 { odds -= 8 }
        return value
      }
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
