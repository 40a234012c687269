import Bytes
import Capture
import JSON
import Transport

/// How values compare: less than 0, 0, or more; nil where they cannot be compared.
enum Order {
  /// The value of a field, and a literal.
  static func of(_ value: FieldValue, _ literal: Literal, _ payload: RawSpan, _ start: Timestamp?) -> Int? {
    switch (value, literal) {
    case (.integer(let a), .integer(let b)): return numbers(Int128(a), b)
    case (.integer(let a), .double(let b)): return mixed(Int128(a), b)
    case (.double(let a), .double(let b)): return numbers(a, b)
    case (.double(let a), .integer(let b)): return mixed(b, a).map { -$0 }
    case (.bool(let a), .bool(let b)): return numbers(a ? 1 : 0, b ? 1 : 0)
    case (.string(let a), .choice(let b, let words)): return words.firstIndex(of: a).flatMap { numbers($0, b) }
    case (.string(var a), .bytes(let b)): return a.withUTF8 { bytes($0.span.bytes, b.span.bytes) }
    case (.payloadText(let range), .bytes(let b)), (.payloadBytes(let range), .bytes(let b)):
      return bytes(payload.extracting(range), b.span.bytes)
    case (.bytes(let a), .bytes(let b)): return bytes(a.span.bytes, b.span.bytes)
    case (.time(let a), .time(let b)): return numbers(a, b)
    case (.time(let a), .relativeTime(let b)): return start.flatMap { numbers(a.since($0), b) }
    case (.duration(let a), .duration(let b)): return numbers(a, b)
    case (.address(let a), _): return address(a, literal)
    case (.endpoint(let a), .endpoint(let b)):
      return addresses(a.address, b.address).flatMap { $0 != 0 ? $0 : numbers(a.port, b.port) }
    case (.endpoint(let a), _): return address(a.address, literal)
    default: return nil
    }
  }

  /// A value of JSON, and a literal. A string that is written like a number is compared with numbers as that.
  static func of(_ token: JSONToken, _ literal: Literal, _ payload: RawSpan) -> Int? {
    switch (token.kind, literal) {
    case (.string, .bytes(let b)):
      if token.hasEscapes { return bytes(JSONText.utf8(payload, token).span.bytes, b.span.bytes) }
      return bytes(payload.extracting(token.range), b.span.bytes)
    case (.number, .integer), (.number, .double): return number(token.range, literal, payload)
    case (.string, .integer), (.string, .double):
      guard token.range.count <= 40 else { return nil }
      var scanner = JSONScanner()
      let text = payload.extracting(token.range)
      guard let inner = scanner.next(text), inner.kind == .number, inner.range == 0..<text.byteCount else { return nil }
      return number(inner.range, literal, text)
    case (.true, .bool(let b)): return numbers(1, b ? 1 : 0)
    case (.false, .bool(let b)): return numbers(0, b ? 1 : 0)
    case (.null, .null): return 0
    default: return nil
    }
  }

  /// Two literals.
  static func of(_ a: Literal, _ b: Literal) -> Int? {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): return numbers(a, b)
    case (.integer(let a), .double(let b)): return mixed(a, b)
    case (.double(let a), .integer(let b)): return mixed(b, a).map { -$0 }
    case (.double(let a), .double(let b)): return numbers(a, b)
    case (.bool(let a), .bool(let b)): return numbers(a ? 1 : 0, b ? 1 : 0)
    case (.bytes(let a), .bytes(let b)): return bytes(a.span.bytes, b.span.bytes)
    case (.time(let a), .time(let b)): return numbers(a, b)
    case (.duration(let a), .duration(let b)): return numbers(a, b)
    case (.address(let a), _): return address(a, b)
    case (.endpoint(let a), .endpoint(let b)):
      return addresses(a.address, b.address).flatMap { $0 != 0 ? $0 : numbers(a.port, b.port) }
    case (.endpoint(let a), .address(let b)): return addresses(a.address, b)
    case (.null, .null): return 0
    default: return nil
    }
  }

  // MARK: Numbers

  private static func numbers<T: Comparable>(_ a: T, _ b: T) -> Int? {
    if a == b { return 0 }
    return a < b ? -1 : a > b ? 1 : nil
  }

  /// A whole number and any other, exactly.
  private static func mixed(_ a: Int128, _ b: Double) -> Int? {
    guard !b.isNaN else { return nil }
    guard abs(b) < 1e38 else { return b > 0 ? -1 : 1 }
    let whole = b.rounded(.down)
    let integer = Int128(whole)
    if a != integer { return a < integer ? -1 : 1 }
    return b > whole ? -1 : 0
  }

  private static func number(_ range: Range<Int>, _ literal: Literal, _ text: RawSpan) -> Int? {
    let integer = JSONText.integer(text, range)
    switch literal {
    case .integer(let b):
      if let integer { return numbers(Int128(integer), b) }
      return mixed(b, JSONText.double(text, range)).map { -$0 }
    case .double(let b):
      return integer.flatMap { mixed(Int128($0), b) } ?? numbers(JSONText.double(text, range), b)
    default: return nil
    }
  }

  // MARK: Bytes and addresses

  private static func bytes(_ a: RawSpan, _ b: RawSpan) -> Int? {
    ByteSearch.compare(a, b)
  }

  /// What lies in a network is equal to it, and what does not cannot be compared.
  private static func address(_ a: IPAddress, _ literal: Literal) -> Int? {
    switch literal {
    case .address(let b): return addresses(a, b)
    case .endpoint(let b): return addresses(a, b.address)
    case .network(let network, let bits):
      guard a.isV6 == network.isV6 else { return nil }
      if !a.isV6 { return bits == 0 || (a.low ^ network.low) >> UInt64(32 - bits) == 0 ? 0 : nil }
      let high = min(bits, 64), low = max(0, bits - 64)
      let isSameHigh = high == 0 || (a.high ^ network.high) >> UInt64(64 - high) == 0
      return isSameHigh && (low == 0 || (a.low ^ network.low) >> UInt64(64 - low) == 0) ? 0 : nil
    default: return nil
    }
  }

  /// Those of one family, by their numbers.
  private static func addresses(_ a: IPAddress, _ b: IPAddress) -> Int? {
    guard a.isV6 == b.isV6 else { return nil }
    return a.high != b.high ? numbers(a.high, b.high) : numbers(a.low, b.low)
  }
}
