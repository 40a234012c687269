import Bytes
import JSON

/// The outermost level of a JSON text, read in one go: all that most views look at.
///
/// Texts that are cut off, or turn out to be no JSON, have the members that come before.
public struct JSONOutline: ~Copyable {
  /// Members or elements that are kept; what follows is read, but not kept.
  public static let most = 64

  /// What the text is.
  public enum Root: UInt8, Sendable {
    /// Neither object nor array.
    case other
    /// An object.
    case object
    /// An array.
    case array
  }

  /// What the text is.
  public private(set) var root = Root.other
  /// Whether it is JSON to its end.
  public private(set) var isComplete = false
  /// Why it is none; nil if it is.
  public private(set) var fault: JSONFault?
  private var names: [JSONToken] = []
  private var values: [JSONToken] = []

  /// Whether no more speaks against it than that it is nested deeper than is read.
  public var isReadable: Bool { isComplete || fault == .tooDeep }

  /// An outline of nothing.
  public init() {}

  /// Members or elements that were kept.
  public var count: Int { values.count }

  /// The value of the member or element at `index`; the range of an object or array is all of it. Nil if there are not as many.
  public subscript(_ index: Int) -> JSONToken? { values.indices.contains(index) ? values[index] : nil }

  /// Reads the text that stands in `range` of `bytes`, if it is an object or array. The places of tokens count from the beginning of
  /// `bytes`.
  public mutating func read(_ bytes: RawSpan, _ range: Range<Int>? = nil) {
    removeAll()
    let text = bytes.extracting(0..<min(range?.upperBound ?? bytes.byteCount, bytes.byteCount))
    var scanner = JSONScanner(from: range?.lowerBound ?? 0)
    let first = scanner.next(text)
    switch first?.kind {
    case .objectBegin:
      root = .object
      readMembers(text, &scanner)
    case .arrayBegin:
      root = .array
      readElements(text, &scanner)
    default: return
    }
    if scanner.depth == 0, scanner.fault == nil { _ = scanner.next(text) }
    isComplete = scanner.isComplete
    fault = scanner.fault
  }

  /// Makes it the outline of nothing.
  public mutating func removeAll() {
    root = .other
    isComplete = false
    fault = nil
    names.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  private mutating func readMembers(_ text: RawSpan, _ scanner: inout JSONScanner) {
    while let name = scanner.next(text), name.kind == .key {
      guard let value = whole(text, &scanner) else { return }
      guard values.count < Self.most else { continue }
      names.append(name)
      values.append(value)
    }
  }

  private mutating func readElements(_ text: RawSpan, _ scanner: inout JSONScanner) {
    while let value = whole(text, &scanner) { if values.count < Self.most { values.append(value) } }
  }

  /// The next value with all that is in it; nil at the end of what is open, or where the text ends.
  @inline(__always)
  private func whole(_ text: RawSpan, _ scanner: inout JSONScanner) -> JSONToken? {
    guard let value = scanner.next(text), !value.kind.isEnd else { return nil }
    guard value.kind.isBegin else { return value }
    guard scanner.skipToEnd(text) else { return nil }
    return JSONToken(value.kind, value.range.lowerBound..<scanner.position)
  }

  // MARK: Members by name

  /// The value of the first member called `name` of the object in `bytes`; nil if there is none.
  @inline(__always)
  public func member(_ name: StaticString, _ bytes: RawSpan) -> JSONToken? {
    guard root == .object else { return nil }
    for i in names.indices where bytes.holds(name, names[i].range) { return values[i] }
    return nil
  }

  /// The same, if it is a string.
  @inline(__always)
  public func string(_ name: StaticString, _ bytes: RawSpan) -> JSONToken? {
    member(name, bytes).flatMap { $0.kind == .string ? $0 : nil }
  }

  /// Whether a member is called `name`.
  @inline(__always)
  public func has(_ name: StaticString, _ bytes: RawSpan) -> Bool { member(name, bytes) != nil }

  /// Whether the member `name` is the string `text`.
  @inline(__always)
  public func says(_ name: StaticString, _ text: StaticString, _ bytes: RawSpan) -> Bool {
    guard let value = member(name, bytes), value.kind == .string else { return false }
    return bytes.holds(text, value.range)
  }

  /// The whole number that is the element at `index`; nil if it is none.
  public func integer(_ index: Int, _ bytes: RawSpan) -> Int64? {
    guard let value = self[index], value.kind == .number else { return nil }
    return JSONText.integer(bytes, value.range)
  }
}

extension RawSpan {
  /// Whether the bytes of `range` are those of `text`.
  @inline(__always)
  func holds(_ text: StaticString, _ range: Range<Int>) -> Bool {
    guard range.count == text.utf8CodeUnitCount, range.upperBound <= byteCount else { return false }
    let start = text.utf8Start
    var i = 0
    while i < range.count {
      if u8(range.lowerBound &+ i) != start[i] { return false }
      i &+= 1
    }
    return true
  }

  /// Whether they begin with `text`, from `offset` on.
  @inline(__always)
  func begins(with text: StaticString, at offset: Int = 0) -> Bool {
    let count = text.utf8CodeUnitCount
    return byteCount - offset >= count && holds(text, offset..<offset + count)
  }
}
