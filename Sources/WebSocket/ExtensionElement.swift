/// One element of Sec-WebSocket-Extensions: a name and its parameters (RFC 6455 §9.1).
public struct ExtensionElement: Equatable, Sendable {
  /// A parameter; its value is nil where there is none.
  public struct Parameter: Equatable, Sendable {
    /// The name, in lower case.
    public var name: String
    /// The value, without quotes.
    public var value: String?
  }

  /// The extension's name, in lower case.
  public var name: String
  /// Its parameters, in order.
  public var parameters: [Parameter]

  /// Reads an element such as `permessage-deflate; client_max_window_bits=10`.
  public init(_ text: String) {
    var parts = Self.split(text).map { Self.trim($0) }
    name = parts.isEmpty ? "" : parts.removeFirst().lowercased()
    parameters = parts.filter { !$0.isEmpty }.map { part in
      guard let equals = part.firstIndex(of: "=") else { return Parameter(name: part.lowercased(), value: nil) }
      let value = Self.trim(part[part.index(after: equals)...])
      let isQuoted = value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
      return Parameter(
        name: Self.trim(part[..<equals]).lowercased(), value: isQuoted ? String(value.dropFirst().dropLast()) : value)
    }
  }

  /// The parameter `name`; nil if there is none.
  public func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

  /// The parts between semicolons; those inside quotes do not separate (RFC 9110 §5.6.4).
  private static func split(_ text: String) -> [Substring] {
    var isQuoted = false
    return text.split(omittingEmptySubsequences: false) { character in
      if character == "\"" { isQuoted.toggle() }
      return character == ";" && !isQuoted
    }
  }

  private static func trim(_ text: some StringProtocol) -> String {
    var slice = text[...]
    while let first = slice.first, first == " " || first == "\t" { slice = slice.dropFirst() }
    while let last = slice.last, last == " " || last == "\t" { slice = slice.dropLast() }
    return String(slice)
  }
}
