import Bytes

/// Values of MessagePack and CBOR as JSON.
extension ViewWriter {
  /// Writes the value that begins at `position` of `bytes`, as the member `name`, or as an element without one. What JSON has not:
  /// bytes are `{"base64": …}`; numbers that it cannot hold, and timestamps of MessagePack, are text; tags are `{"tag": …, "value": …}`,
  /// extension types `{"ext": …, "data": …}`, simple values `{"simple": …}`; keys that are no text become text, and those that would be
  /// the same in JSON get a number: `"1 (2)"`.
  ///
  /// - Returns: where the value ends; nil if it has a fault or is not complete. What there is of it is written.
  @discardableResult
  public mutating func value<Reader: DataReader>(
    _ name: StaticString?, _ reader: Reader.Type, _ bytes: RawSpan, from position: Int
  ) -> Int? {
    var walker = DataWalker<Reader>(from: position)
    guard write(name, &walker, bytes) else {
      null(name)
      return nil
    }
    return walker.isDone ? walker.position : nil
  }

  /// False if there is nothing to write.
  private mutating func write<Reader: DataReader>(
    _ name: StaticString?, _ walker: inout DataWalker<Reader>, _ bytes: RawSpan
  ) -> Bool {
    var member = name
    var opened = 0
    var isAny = false
    var isNamed = false
    var names = DataNames()
    var isTextFaulty = false
    defer { if isTextFaulty, message.isWhole { fault("a text that is not UTF-8") } }
    while let step = walker.next(bytes) {
      guard case .item(let item, let isKey) = step else {
        close()
        names.close()
        opened -= 1
        continue
      }
      isAny = true
      isTextFaulty = isTextFaulty || Reader.isFaultyText(item, bytes)
      if isKey {
        isNamed = self.name(item, &walker, bytes, &names)
        if !isNamed { skipValue(&walker, bytes) }
        member = nil
        continue
      }
      isNamed = false
      if case .tag(let tag) = item, tag == 2 || tag == 3, let number = Self.largeNumber(walker, bytes) {
        walker.skip(bytes)
        integer(member, tag == 2 ? number : -1 - number)
        member = nil
        continue
      }
      write(member, item, bytes)
      member = nil
      if item.holdsOthers {
        opened += 1
        names.open()
      }
      if case .tag = item { member = "value" }
    }
    // What a name or a tag stands before may be missing.
    if isNamed || member != nil && opened > 0 { null(member) }
    while opened > 0 {
      close()
      opened -= 1
    }
    return isAny
  }

  /// The number that a tag 2 or 3 stands for, which was given last, if it has 15 bytes at most (RFC 8949 §3.4.3).
  private static func largeNumber<Reader: DataReader>(_ walker: DataWalker<Reader>, _ bytes: RawSpan) -> Int128? {
    guard case .data(let range)? = Reader.item(bytes, at: walker.position), range.count <= 15 else { return nil }
    var number: Int128 = 0
    for i in range { number = number << 8 | Int128(bytes.u8(i)) }
    return number
  }

  private mutating func skipValue<Reader: DataReader>(_ walker: inout DataWalker<Reader>, _ bytes: RawSpan) {
    if case .item(let item, _)? = walker.next(bytes), item.holdsOthers { walker.skip(bytes) }
  }

  /// Writes an item, or begins it if it holds others.
  private mutating func write(_ name: StaticString?, _ item: DataItem, _ bytes: RawSpan) {
    switch item {
    case .null, .undefined, .end: null(name)
    case .boolean(let value): boolean(name, value)
    case .unsigned(let value): integer(name, value)
    case .negative(let value): integer(name, -1 - Int128(value))
    case .float(let value): number(name, value)
    case .text(let range): text(name, bytes.extracting(range))
    case .data(let range): data(name, bytes.extracting(range))
    case .pieces(let isText, let range):
      let joined = CBORReader.joined(bytes, range, most: Self.most)
      if isText { text(name, joined.span.bytes) } else { data(name, joined.span.bytes) }
    case .array: array(name)
    case .map: object(name)
    case .tag(let tag):
      object(name)
      integer("tag", tag)
    case .extended(let type, let range): extended(name, type, bytes, range)
    case .simple(let value):
      object(name)
      integer("simple", value)
      close()
    }
  }

  private mutating func extended(_ name: StaticString?, _ type: Int8, _ bytes: RawSpan, _ range: Range<Int>) {
    if type == -1, let time = MessagePackReader.timestamp(bytes, range).flatMap({ DataTime.text($0) }) {
      return text(name, time)
    }
    object(name)
    integer("ext", type)
    data("data", bytes.extracting(range))
    close()
  }

  /// Writes the key `item`. False if there is no room, and its value is not to be written either.
  private mutating func name<Reader: DataReader>(
    _ item: DataItem, _ walker: inout DataWalker<Reader>, _ bytes: RawSpan, _ names: inout DataNames
  ) -> Bool {
    let start = walker.start
    if item.holdsOthers { walker.skip(bytes) }
    guard hasRoom else {
      leaveOut()
      return false
    }
    switch item {
    case .text(let range), .data(let range): return self.name(bytes.extracting(range), &names)
    case .pieces(_, let range):
      let joined = CBORReader.joined(bytes, range, most: Self.most)
      return self.name(joined.span.bytes, &names)
    default:
      let text = Self.nameText(item) ?? Self.hexText(bytes, start..<walker.position)
      return self.name(text.utf8Span.span.bytes, &names)
    }
  }

  /// Writes a key, which must not be in the map yet: JSON would not tell the two apart.
  private mutating func name(_ key: RawSpan, _ names: inout DataNames) -> Bool {
    guard let unique = names.unique(key) else { return name(key) }
    return name(unique.span.bytes)
  }

  private static func nameText(_ item: DataItem) -> String? {
    switch item {
    case .null: "null"
    case .undefined: "undefined"
    case .boolean(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .negative(let value): "\(-1 - Int128(value))"
    case .float(let value): "\(value)"
    default: nil
    }
  }

  /// The bytes of a key that is no simpler value, the first 32 of them.
  private static func hexText(_ bytes: RawSpan, _ range: Range<Int>) -> String {
    var text = "0x"
    for i in range.prefix(32) { text += (bytes.u8(i) < 16 ? "0" : "") + String(bytes.u8(i), radix: 16) }
    return range.count > 32 ? text + "…" : text
  }

  /// Bytes of the view's JSON so far.
  var written: Int { view.json.count }

  /// Says what was written to the view from `start` on, where its JSON had so many bytes.
  mutating func sayWritten(from start: Int) {
    let written = Array(view.json.dropFirst(start).prefix(Self.mostOfLine + 4))
    guard !written.isEmpty else { return }
    say(written.span.bytes)
  }
}

/// The keys so far of the maps that are being written.
private struct DataNames {
  /// By the hash of a key: the number that the next one like it gets. The hash is seeded anew in each run.
  private var maps: [[Int: Int]] = []

  mutating func open() { maps.append([:]) }
  mutating func close() { _ = maps.popLast() }

  /// What to call `key`, as it is in the map already; nil if it is not.
  mutating func unique(_ key: RawSpan) -> [UInt8]? {
    guard let last = maps.indices.last else { return nil }
    var bytes = key.withUnsafeBytes { Array($0) }
    if !UTF8Validator.isValid(key) { bytes = ViewWriter.percentEncoded(key) }
    guard var next = maps[last].updateValue(2, forKey: bytes.hashValue) else { return nil }
    let first = bytes.hashValue
    var name = bytes
    repeat {
      name = bytes + " (\(next))".utf8
      next += 1
    } while maps[last].updateValue(2, forKey: name.hashValue) != nil
    maps[last][first] = next
    return name
  }
}

extension DataReader {
  /// Whether `item` is text that is not UTF-8, where it must be: in CBOR (RFC 8949 §3.1), each piece (§3.2.3). MessagePack leaves that
  /// open.
  fileprivate static func isFaultyText(_ item: DataItem, _ bytes: RawSpan) -> Bool {
    guard self is CBORReader.Type else { return false }
    switch item {
    case .text(let range): return !UTF8Validator.isValid(bytes.extracting(range))
    case .pieces(isText: true, let range):
      var reader = CBORReader(from: range.lowerBound)
      while reader.position < range.upperBound, case .text(let piece)? = reader.next(bytes) {
        if !UTF8Validator.isValid(bytes.extracting(piece)) { return true }
      }
      return false
    default: return false
    }
  }
}

/// Times as RFC 3339 writes them.
enum DataTime {
  /// The time `nanoseconds` after 1970, in UTC; nil where the year has not four digits.
  static func text(_ nanoseconds: Int128) -> String? {
    guard (-62_135_596_800_000_000_000..<253_402_300_800_000_000_000).contains(nanoseconds) else { return nil }
    let (seconds, fraction) = divided(nanoseconds, by: 1_000_000_000)
    let (days, second) = divided(seconds, by: 86_400)
    // The calendar from 1 March on, in cycles of 400 years.
    let (cycle, day) = divided(days + 719_468, by: 146_097)
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isNext = month >= 10
    let date = [
      digits(cycle * 400 + year + (isNext ? 1 : 0), 4), digits(isNext ? month - 9 : month + 3, 2),
      digits(dayOfYear - (153 * month + 2) / 5 + 1, 2),
    ]
    let time = [digits(second / 3600, 2), digits(second / 60 % 60, 2), digits(second % 60, 2)]
    let part = fraction == 0 ? "" : "." + digits(fraction, 9)
    return date.joined(separator: "-") + "T" + time.joined(separator: ":") + part + "Z"
  }

  private static func divided(_ value: Int128, by divisor: Int128) -> (Int128, Int128) {
    let remainder = (value % divisor + divisor) % divisor
    return ((value - remainder) / divisor, remainder)
  }

  private static func digits(_ value: Int128, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(width - text.utf8.count, 0)) + text
  }
}
