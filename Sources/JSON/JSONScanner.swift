import Bytes

/// Reads a JSON text (RFC 8259) token by token: strict, without recursion, and without an allocation.
///
/// The text is shown whole, and is the same in each call. Where it is no JSON, what stood before the fault has been given out.
/// Names that come twice in an object are given out twice.
public struct JSONScanner: Equatable, Sendable {
  /// How deep objects and arrays may be nested.
  public static let mostDepth = 512

  /// What may come next.
  private enum Expectation: UInt8 {
    case value, valueOrEnd, keyOrEnd, key, commaOrEnd, nothing
  }

  /// Where the next token is looked for, in bytes.
  public private(set) var position: Int
  /// Objects and arrays that are open, 0 to `mostDepth`.
  public private(set) var depth = 0
  /// Why the text is no JSON; nil as long as it may be.
  public private(set) var fault: JSONFault?
  private var expectation = Expectation.value
  /// For each open one, whether it is an object: a bit.
  private var objects = InlineArray<8, UInt64>(repeating: 0)

  /// A scanner for a text that begins at byte `start` of what will be shown.
  public init(from start: Int = 0) { position = start }

  /// Whether a whole value was read, and nothing but white space followed. Only known when `next` has given nil.
  public var isComplete: Bool { expectation == .nothing && fault == nil }

  /// Whether the innermost of those that are open is an object.
  public var isInObject: Bool { depth > 0 && objects[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 1 }

  /// Whether they stand at the same place of the same text.
  public static func == (a: JSONScanner, b: JSONScanner) -> Bool {
    a.position == b.position && a.depth == b.depth && a.fault == b.fault && a.expectation == b.expectation
      && a.objects.indices.allSatisfy { a.objects[$0] == b.objects[$0] }
  }

  /// The next token of `bytes`; nil at the end, or where a fault is.
  public mutating func next(_ bytes: RawSpan) -> JSONToken? {
    guard fault == nil else { return nil }
    skipSpace(bytes)
    guard position < bytes.byteCount else {
      if expectation != .nothing { fault = .cut }
      return nil
    }
    var byte = bytes.u8(position)
    if expectation == .commaOrEnd, byte == 0x2C {
      expectation = isInObject ? .key : .value
      position += 1
      skipSpace(bytes)
      guard position < bytes.byteCount else { return fail(.cut) }
      byte = bytes.u8(position)
    }
    switch expectation {
    case .value: return value(bytes, byte)
    case .valueOrEnd: return byte == 0x5D ? end() : value(bytes, byte)
    case .keyOrEnd: return byte == 0x7D ? end() : key(bytes, byte)
    case .key: return key(bytes, byte)
    case .commaOrEnd: return byte == (isInObject ? 0x7D : 0x5D) ? end() : fail(.unexpected)
    case .nothing: return fail(.trailing)
    }
  }

  /// Passes over all up to the end of the innermost object or array that is open, and its end. False if that is not reached.
  @discardableResult
  public mutating func skipToEnd(_ bytes: RawSpan) -> Bool {
    let outside = depth - 1
    while depth > outside { if next(bytes) == nil { return false } }
    return true
  }

  /// Passes over the value that comes next, whatever it is. False if its end is not reached.
  @discardableResult
  public mutating func skipValue(_ bytes: RawSpan) -> Bool {
    guard let token = next(bytes) else { return false }
    return token.kind.isBegin ? skipToEnd(bytes) : true
  }

  // MARK: Structure

  @inline(__always)
  private mutating func skipSpace(_ bytes: RawSpan) {
    while position < bytes.byteCount {
      let byte = bytes.u8(position)
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  private mutating func fail(_ fault: JSONFault) -> JSONToken? {
    self.fault = fault
    return nil
  }

  @inline(__always)
  private mutating func afterValue() { expectation = depth == 0 ? .nothing : .commaOrEnd }

  private mutating func end() -> JSONToken? {
    let kind: JSONToken.Kind = isInObject ? .objectEnd : .arrayEnd
    depth -= 1
    position += 1
    afterValue()
    return JSONToken(kind, position - 1..<position)
  }

  private mutating func begin(isObject: Bool) -> JSONToken? {
    guard depth < Self.mostDepth else { return fail(.tooDeep) }
    let bit = UInt64(1) << UInt64(depth & 63)
    if isObject { objects[depth >> 6] |= bit } else { objects[depth >> 6] &= ~bit }
    depth += 1
    position += 1
    expectation = isObject ? .keyOrEnd : .valueOrEnd
    return JSONToken(isObject ? .objectBegin : .arrayBegin, position - 1..<position)
  }

  private mutating func key(_ bytes: RawSpan, _ byte: UInt8) -> JSONToken? {
    guard byte == 0x22 else { return fail(.unexpected) }
    guard let token = string(bytes, .key) else { return nil }
    skipSpace(bytes)
    guard position < bytes.byteCount else { return fail(.cut) }
    guard bytes.u8(position) == 0x3A else { return fail(.unexpected) }
    position += 1
    expectation = .value
    return token
  }

  private mutating func value(_ bytes: RawSpan, _ byte: UInt8) -> JSONToken? {
    switch byte {
    case 0x22:
      guard let token = string(bytes, .string) else { return nil }
      afterValue()
      return token
    case 0x7B: return begin(isObject: true)
    case 0x5B: return begin(isObject: false)
    case 0x2D, 0x30...0x39: return number(bytes)
    case 0x74: return word(bytes, .true, 0x7472_7565, 4)
    case 0x66: return word(bytes, .false, 0x616C_7365, 5)
    case 0x6E: return word(bytes, .null, 0x6E75_6C6C, 4)
    default: return fail(.unexpected)
    }
  }

  /// A word of `length` letters whose last four are `letters`.
  private mutating func word(
    _ bytes: RawSpan, _ kind: JSONToken.Kind, _ letters: UInt32, _ length: Int
  ) -> JSONToken? {
    guard bytes.byteCount - position >= length else { return fail(.cut) }
    guard bytes.u32(position + length - 4) == letters else { return fail(.unexpected) }
    let start = position
    position += length
    afterValue()
    return JSONToken(kind, start..<position)
  }

  // MARK: Numbers and strings

  private mutating func number(_ bytes: RawSpan) -> JSONToken? {
    let start = position
    var i = position
    @inline(__always)
    func digits() -> Int {
      let first = i
      while i < bytes.byteCount, bytes.u8(i) &- 0x30 < 10 { i += 1 }
      return i - first
    }
    @inline(__always)
    func takes(_ a: UInt8, _ b: UInt8) -> Bool {
      guard i < bytes.byteCount, bytes.u8(i) == a || bytes.u8(i) == b else { return false }
      i += 1
      return true
    }
    _ = takes(0x2D, 0x2D)
    let first = i
    let whole = digits()
    let hasLeadingZero = whole > 1 && bytes.u8(first) == 0x30
    var isGood = whole > 0 && !hasLeadingZero
    if isGood, takes(0x2E, 0x2E) { isGood = digits() > 0 }
    if isGood, takes(0x65, 0x45) {
      _ = takes(0x2B, 0x2D)
      isGood = digits() > 0
    }
    position = i
    guard isGood else { return fail(i == bytes.byteCount && !hasLeadingZero ? .cut : .badNumber) }
    afterValue()
    return JSONToken(.number, start..<i)
  }

  private mutating func string(_ bytes: RawSpan, _ kind: JSONToken.Kind) -> JSONToken? {
    let start = position + 1
    var i = start
    var isASCII = true
    var hasEscapes = false
    while true {
      i = JSONText.plainEnd(bytes, from: i)
      guard i < bytes.byteCount else { return fail(.cut) }
      let byte = bytes.u8(i)
      if byte == 0x22 { break }
      if byte >= 0x80 {
        isASCII = false
        i += 1
      } else if byte == 0x5C {
        hasEscapes = true
        guard let length = JSONText.escapeLength(bytes, i) else { return fail(.cut) }
        guard length > 0 else {
          position = i
          return fail(.badString)
        }
        i += length
      } else {
        position = i
        return fail(.badString)
      }
    }
    if !isASCII, !UTF8Validator.isValid(bytes.extracting(start..<i)) { return fail(.badString) }
    position = i + 1
    return JSONToken(kind, start..<i, hasEscapes: hasEscapes)
  }
}
