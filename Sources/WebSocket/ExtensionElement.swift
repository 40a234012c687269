/// One element of Sec-WebSocket-Extensions: a name and its parameters (RFC 6455 §9.1).
public struct ExtensionElement: Equatable, Sendable {
  /// A parameter; its value is nil where there is none.
  public struct Parameter: Equatable, Sendable {
    /// The name, in lower case.
    public var name: String
    /// The value, without quotes and escapes.
    public var value: String?
  }

  /// The extension's name, in lower case.
  public var name: String
  /// Its parameters, in order.
  public var parameters: [Parameter]
  /// Whether it is written as RFC 6455 §9.1 says: names are tokens, and so are values, quoted or not.
  public private(set) var isWellFormed = true

  /// Reads an element such as `permessage-deflate; client_max_window_bits=10`.
  public init(_ text: String) {
    let parts = Self.split(Array(text.utf8)[...], at: 0x3B)
    name = Self.text(parts.first ?? []).lowercased()
    parameters = parts.dropFirst().map { Self.trim($0) }.filter { !$0.isEmpty }.map { part in
      guard let equals = part.firstIndex(of: 0x3D) else {
        return Parameter(name: Self.text(part).lowercased(), value: nil)
      }
      let value = Self.unquoted(Self.trim(part[(equals + 1)...]))
      return Parameter(name: Self.text(part[..<equals]).lowercased(), value: Self.text(value, isTrimmed: true))
    }
    isWellFormed =
      Self.isToken(name) && parameters.count == parts.count - 1
      && parameters.allSatisfy { Self.isToken($0.name) && $0.value.map { Self.isToken($0) } != false }
  }

  /// The parameter `name`; nil if there is none.
  public func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

  /// Whether `text` is a token: one visible ASCII character or more, and no separator (RFC 9110 §5.6.2).
  public static func isToken(_ text: String) -> Bool {
    !text.utf8.isEmpty
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !separators.contains($0) }
  }

  private static let separators = Array("\"(),/:;<=>?@[\\]{}".utf8)

  /// The parts of `bytes` between separators that stand outside quotes.
  private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    var isQuoted = false
    var isEscaped = false
    for (index, byte) in zip(bytes.indices, bytes) {
      if byte == separator, !isQuoted {
        parts.append(bytes[start..<index])
        start = index + 1
      }
      if byte == 0x22, !isEscaped { isQuoted.toggle() }
      isEscaped = isQuoted && byte == 0x5C && !isEscaped
    }
    return parts + [bytes[start...]]
  }

  /// What a quoted-string stands for (RFC 9110 §5.6.4); other values as they are.
  private static func unquoted(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard value.first == 0x22 else { return value }
    var result: [UInt8] = []
    var isEscaped = false
    for byte in value.dropFirst() {
      if !isEscaped, byte == 0x22 { break }
      isEscaped = !isEscaped && byte == 0x5C
      if !isEscaped { result.append(byte) }
    }
    return result[...]
  }

  private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var slice = bytes
    while slice.first == 0x20 || slice.first == 0x09 { slice.removeFirst() }
    while slice.last == 0x20 || slice.last == 0x09 { slice.removeLast() }
    return slice
  }

  private static func text(_ bytes: ArraySlice<UInt8>, isTrimmed: Bool = false) -> String {
    String(decoding: isTrimmed ? bytes : trim(bytes), as: UTF8.self)
  }
}
