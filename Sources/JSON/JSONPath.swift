/// The place of values in a JSON text: `type`, `data[0].price`, `items[*].id`, `*.name`, `["a key"].b`.
public struct JSONPath: Equatable, Sendable {
  /// A step of a path.
  public enum Step: Equatable, Sendable {
    /// The member of this name, in UTF-8.
    case key([UInt8])
    /// Any member: `*`.
    case anyMember
    /// The element of this 0-based index.
    case index(Int)
    /// Any element: `[*]`.
    case anyElement
  }

  /// What is wrong with a path, and at which byte of its text.
  public struct Fault: Error, Equatable, Sendable {
    /// What should stand there.
    public var expected: String
    /// The byte's place.
    public var offset: Int
  }

  /// The most steps that a path may have.
  public static let mostSteps = 64

  /// The steps from the outermost value; none: that value itself.
  public let steps: [Step]

  /// A path of `steps`.
  public init(_ steps: [Step]) { self.steps = steps }

  /// Whether it may be the place of several values of a text in which no name comes twice.
  public var hasWildcard: Bool { steps.contains { $0 == .anyMember || $0 == .anyElement } }

  /// Reads the path `text`. Names with other characters than letters, digits, `_`, `-`, `$` and `@` stand in quotes, where they
  /// may be escaped as in JSON.
  public init(_ text: String) throws(Fault) {
    let bytes = Array(text.utf8)
    var position = 0
    steps = try Self.steps(bytes, &position)
    guard position == bytes.count else { throw Fault(expected: "'.' or '['", offset: position) }
  }

  /// Reads the path at `position` of `bytes` as far as it goes.
  public static func steps(_ bytes: [UInt8], _ position: inout Int) throws(Fault) -> [Step] {
    var steps: [Step] = []
    while position < bytes.count {
      switch bytes[position] {
      case 0x5B:
        position += 1
        steps.append(try bracket(bytes, &position))
      case 0x2E where !steps.isEmpty:
        position += 1
        steps.append(try name(bytes, &position))
      case _ where steps.isEmpty:
        steps.append(try name(bytes, &position))
      default:
        return steps
      }
      guard steps.count <= mostSteps else { throw Fault(expected: "at most \(mostSteps) steps", offset: position) }
    }
    return steps
  }

  /// Whether `byte` may stand in a name without quotes.
  public static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x24, 0x40, 0x80...: true
    default: false
    }
  }

  private static func name(_ bytes: [UInt8], _ position: inout Int) throws(Fault) -> Step {
    guard position < bytes.count else { throw Fault(expected: "a name", offset: position) }
    switch bytes[position] {
    case 0x22: return .key(try quoted(bytes, &position))
    case 0x2A:
      position += 1
      return .anyMember
    default:
      let start = position
      while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
      guard position > start else { throw Fault(expected: "a name", offset: position) }
      return .key(Array(bytes[start..<position]))
    }
  }

  private static func bracket(_ bytes: [UInt8], _ position: inout Int) throws(Fault) -> Step {
    guard position < bytes.count else { throw Fault(expected: "an index, '*' or a name in quotes", offset: position) }
    let step: Step
    let start = position
    switch bytes[position] {
    case 0x22: step = .key(try quoted(bytes, &position))
    case 0x2A:
      position += 1
      step = .anyElement
    default:
      while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
      guard position > start, let index = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
        throw Fault(expected: "an index, '*' or a name in quotes", offset: start)
      }
      step = .index(index)
    }
    guard position < bytes.count, bytes[position] == 0x5D else { throw Fault(expected: "']'", offset: position) }
    position += 1
    return step
  }

  private static func quoted(_ bytes: [UInt8], _ position: inout Int) throws(Fault) -> [UInt8] {
    var scanner = JSONScanner(from: position)
    let text = bytes.span.bytes
    guard let token = scanner.next(text), token.kind == .string else {
      throw Fault(expected: "a name in quotes, escaped as in JSON", offset: position)
    }
    position = scanner.position
    return JSONText.utf8(text, token)
  }
}
