import Bytes
import Capture
import JSON

/// The values of a record's fields, and what a filter makes of them.
struct Evaluation {
  var values: [FieldValue]
  var searches: [JSONSearch]
  /// The JSON of the record's view; empty without one.
  var view: [UInt8] = []
  let patterns: [RegularExpression]
  var start: Timestamp?

  init(values: [FieldValue], searches: [JSONSearch], patterns: [RegularExpression]) {
    self.values = values
    self.searches = searches
    self.patterns = patterns
  }

  /// Whether the record whose values these are, and whose payload this is, fulfils `node`.
  mutating func holds(_ node: FilterNode, _ payload: RawSpan) -> Bool {
    switch node {
    case .and(let nodes):
      for node in nodes where !holds(node, payload) { return false }
      return true
    case .or(let nodes):
      for node in nodes where holds(node, payload) { return true }
      return false
    case .xor(let nodes):
      var isOdd = false
      for node in nodes where holds(node, payload) { isOdd.toggle() }
      return isOdd
    case .not(let node): return !holds(node, payload)
    case .test(.value(let slot), .compareTo(let comparison, let other)):
      return compares(.value(slot), comparison, other, payload)
    case .test(.json(let path), .compareTo(let comparison, let other)):
      return compares(.json(path), comparison, other, payload)
    case .test(.value(let slot), let test): return holds(test, values[slot], payload)
    case .test(.json(let path), let test): return holds(test, jsonAt: path, payload)
    }
  }

  // MARK: Fields

  private func holds(_ test: FilterTest, _ value: FieldValue, _ payload: RawSpan) -> Bool {
    switch value {
    case .absent: return false
    case .list(let elements):
      switch test {
      case .compare(.notEqual, _), .amongNone: return elements.allSatisfy { holds(test, $0, payload) }
      default: break
      }
      return elements.contains { holds(test, $0, payload) }
    default: break
    }
    switch test {
    case .isPresent: return true
    case .isTrue: return value == .bool(true)
    case .compare(let comparison, let literals):
      if comparison == .notEqual {
        return !literals.contains { Order.of(value, $0, payload, start) == 0 }
      }
      return literals.contains { Order.of(value, $0, payload, start).map { comparison.holds($0) } ?? false }
    case .among(let ranges): return ranges.contains { isIn($0, value, payload) }
    case .amongNone(let ranges): return !ranges.contains { isIn($0, value, payload) }
    case .contains(let bytes): return Self.contains(bytes, value, payload)
    case .matches(let i): return matches(patterns[i], value, payload)
    case .compareTo: return false
    }
  }

  private func isIn(_ range: ClosedLiteralRange, _ value: FieldValue, _ payload: RawSpan) -> Bool {
    guard let order = Order.of(value, range.lower, payload, start) else { return false }
    guard let upper = range.upper else { return order == 0 }
    return order >= 0 && Order.of(value, upper, payload, start).map { $0 <= 0 } ?? false
  }

  private static func contains(_ bytes: [UInt8], _ value: FieldValue, _ payload: RawSpan) -> Bool {
    switch value {
    case .payloadText(let range), .payloadBytes(let range): return ByteSearch.contains(payload.extracting(range), bytes)
    case .string(var text): return text.withUTF8 { ByteSearch.contains($0.span.bytes, bytes) }
    case .bytes(let array): return ByteSearch.contains(array.span.bytes, bytes)
    default: return false
    }
  }

  private func matches(_ pattern: RegularExpression, _ value: FieldValue, _ payload: RawSpan) -> Bool {
    switch value {
    case .payloadText(let range), .payloadBytes(let range):
      return pattern.firstMatch(in: payload.extracting(range)) != nil
    case .string(var text): return text.withUTF8 { pattern.firstMatch(in: $0.span.bytes) != nil }
    case .bytes(let array): return pattern.firstMatch(in: array.span.bytes) != nil
    default: return false
    }
  }

  // MARK: JSON

  private mutating func holds(_ test: FilterTest, jsonAt path: Int, _ payload: RawSpan) -> Bool {
    guard searches[path].isInView else { return holds(test, searching: path, payload) }
    let view = self.view
    return holds(test, searching: path, view.span.bytes)
  }

  private mutating func holds(_ test: FilterTest, searching path: Int, _ payload: RawSpan) -> Bool {
    guard payload.byteCount > 0 else { return false }
    searches[path].restart(payload)
    var hasAny = false
    while let token = searches[path].next(payload) {
      switch test {
      case .compare(.notEqual, let literals):
        if literals.contains(where: { Order.of(token, $0, payload) == 0 }) { return false }
        hasAny = true
      case .amongNone(let ranges):
        if holds(.among(ranges), token, payload) { return false }
        hasAny = true
      case .isPresent, .isTrue:
        let source = searches[path].source
        return source.place != .payload || !source.path.steps.isEmpty || isWhole(payload)
      default: if holds(test, token, payload) { return true }
      }
    }
    return hasAny
  }

  /// Whether all of the payload is JSON.
  private func isWhole(_ payload: RawSpan) -> Bool {
    var scanner = JSONScanner()
    while scanner.next(payload) != nil {}
    return scanner.isComplete
  }

  private func holds(_ test: FilterTest, _ token: JSONToken, _ payload: RawSpan) -> Bool {
    switch test {
    case .compare(let comparison, let literals):
      return literals.contains { Order.of(token, $0, payload).map { comparison.holds($0) } ?? false }
    case .among(let ranges):
      return ranges.contains { range in
        guard let order = Order.of(token, range.lower, payload) else { return false }
        guard let upper = range.upper else { return order == 0 }
        return order >= 0 && Order.of(token, upper, payload).map { $0 <= 0 } ?? false
      }
    case .contains(let bytes):
      if token.hasEscapes { return ByteSearch.contains(JSONText.utf8(payload, token).span.bytes, bytes) }
      return ByteSearch.contains(payload.extracting(token.range), bytes)
    case .matches(let i):
      if token.hasEscapes { return patterns[i].firstMatch(in: JSONText.utf8(payload, token).span.bytes) != nil }
      return patterns[i].firstMatch(in: payload.extracting(token.range)) != nil
    case .isPresent, .isTrue, .compareTo, .amongNone: return true
    }
  }

  // MARK: Two fields

  private mutating func compares(
    _ left: Operand, _ comparison: Comparison, _ right: Operand, _ payload: RawSpan
  ) -> Bool {
    let others = literals(right, payload)
    guard !others.isEmpty else { return false }
    if comparison == .notEqual {
      let own = literals(left, payload)
      return !own.isEmpty && own.allSatisfy { value in others.allSatisfy { Order.of(value, $0) != 0 } }
    }
    return literals(left, payload).contains { value in
      others.contains { Order.of(value, $0).map { comparison.holds($0) } ?? false }
    }
  }

  /// The values of an operand, as literals. At most 1,000, so that the comparison of two lists has an end.
  private mutating func literals(_ operand: Operand, _ payload: RawSpan) -> [Literal] {
    switch operand {
    case .value(let slot):
      if case .list(let elements) = values[slot] {
        return elements.prefix(Self.mostValues).compactMap { Literal($0, payload) }
      }
      return Literal(values[slot], payload).map { [$0] } ?? []
    case .json(let path):
      guard searches[path].isInView else { return literals(searching: path, payload) }
      let view = self.view
      return literals(searching: path, view.span.bytes)
    }
  }

  private mutating func literals(searching path: Int, _ text: RawSpan) -> [Literal] {
    var found: [Literal] = []
    searches[path].restart(text)
    while found.count < Self.mostValues, let token = searches[path].next(text) {
      if let literal = Literal(token, text) { found.append(literal) }
    }
    return found
  }

  private static let mostValues = 1000
}

extension Literal {
  /// The value of a field; nil if it has none, or several.
  init?(_ value: FieldValue, _ payload: RawSpan) {
    switch value {
    case .absent, .list: return nil
    case .bool(let bool): self = .bool(bool)
    case .integer(let integer): self = .integer(Int128(integer))
    case .double(let double): self = .double(double)
    case .string(let text): self = .bytes(Array(text.utf8))
    case .bytes(let bytes): self = .bytes(bytes)
    case .payloadText(let range), .payloadBytes(let range):
      self = .bytes(payload.extracting(range).withUnsafeBytes { Array($0) })
    case .time(let time): self = .time(time)
    case .duration(let duration): self = .duration(duration)
    case .address(let address): self = .address(address)
    case .endpoint(let endpoint): self = .endpoint(endpoint)
    }
  }

  /// A value of JSON; objects and arrays are their text.
  init?(_ token: JSONToken, _ payload: RawSpan) {
    switch token.kind {
    case .true, .false: self = .bool(token.kind == .true)
    case .null: self = .null
    case .number:
      self =
        JSONText.integer(payload, token.range).map { .integer(Int128($0)) }
        ?? .double(JSONText.double(payload, token.range))
    case .string: self = .bytes(JSONText.utf8(payload, token))
    default: self = .bytes(payload.extracting(token.range).withUnsafeBytes { Array($0) })
    }
  }
}
