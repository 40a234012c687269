/// Finds the values at a path of a JSON text, one after the other. It allocates when it is made, and never after.
///
/// What stands before the first fault of the text is found, so that texts that were cut can be searched; a value that is
/// itself cut is none. A name that comes twice in an object is found twice.
public struct JSONLookup: Sendable {
  /// What is looked for.
  public let path: JSONPath
  private var scanner = JSONScanner()
  /// How many steps of the path lead to the object or array that is open.
  private var level = 0
  /// For each of these, whether it is an array, and how many elements have been passed.
  private var arrays: [Bool]
  private var counts: [Int]

  /// A look-up of `path`.
  public init(_ path: JSONPath) {
    self.path = path
    arrays = Array(repeating: false, count: path.steps.count)
    counts = Array(repeating: 0, count: path.steps.count)
  }

  /// Begins with another text, at byte `start` of what will be shown.
  public mutating func restart(at start: Int = 0) {
    scanner = JSONScanner(from: start)
    level = 0
  }

  /// The next value at the path in `bytes`; nil if there is none. The range of an object or array is all of it.
  public mutating func next(_ bytes: RawSpan) -> JSONToken? {
    while let token = scanner.next(bytes) {
      if token.kind == .key {
        if !fits(token, bytes), !scanner.skipValue(bytes) { return nil }
        continue
      }
      if token.kind.isEnd {
        level -= 1
        continue
      }
      if level > 0, arrays[level - 1], !fitsElement() {
        if token.kind.isBegin, !scanner.skipToEnd(bytes) { return nil }
        continue
      }
      if level == path.steps.count {
        guard token.kind.isBegin else { return token }
        guard scanner.skipToEnd(bytes) else { return nil }
        return JSONToken(token.kind, token.range.lowerBound..<scanner.position)
      }
      guard token.kind.isBegin else { continue }
      if !enter(token.kind), !scanner.skipToEnd(bytes) { return nil }
    }
    return nil
  }

  private func fits(_ key: JSONToken, _ bytes: RawSpan) -> Bool {
    switch path.steps[level - 1] {
    case .key(let name): JSONText.isEqual(bytes, key, name)
    case .anyMember: true
    case .index, .anyElement: false
    }
  }

  private mutating func fitsElement() -> Bool {
    let index = counts[level - 1]
    counts[level - 1] += 1
    switch path.steps[level - 1] {
    case .index(let wanted): return index == wanted
    case .anyElement: return true
    case .key, .anyMember: return false
    }
  }

  /// Goes into the object or array that has begun, if the path does.
  private mutating func enter(_ kind: JSONToken.Kind) -> Bool {
    let isArray =
      switch path.steps[level] {
      case .key, .anyMember: false
      case .index, .anyElement: true
      }
    guard isArray == (kind == .arrayBegin) else { return false }
    arrays[level] = isArray
    counts[level] = 0
    level += 1
    return true
  }
}
