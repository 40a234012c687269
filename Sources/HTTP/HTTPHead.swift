import Bytes

/// A header field, as it was sent: name and value in wire order, white space around the value removed (RFC 9110 §5).
public struct HeaderField: Equatable, Sendable {
  /// The name, in the sender's spelling.
  public var name: String
  /// The value. Bytes that are not UTF-8 are read as ISO 8859-1 (RFC 9110 §5.5, obs-text).
  public var value: String

  /// The field `name`: `value`.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The first line of a message (RFC 9112 §3, §4).
public enum StartLine: Equatable, Sendable {
  /// A request: method, target and version ("HTTP/1.1").
  case request(method: String, target: String, version: String)
  /// A response: version, status code and reason phrase.
  case response(version: String, status: Int, reason: String)
}

/// A request's or response's head: all before its body.
///
/// It keeps the bytes that were sent, and where each part stands in them; strings are made when they are asked for.
public struct HTTPHead: Equatable, Sendable {
  /// Where a header field stands in `bytes`.
  public struct FieldPlace: Sendable {
    private let nameStart, nameEnd, valueStart, valueEnd: UInt32
    /// What the field is, if that is known.
    public let field: KnownField?

    @inline(__always)
    init(_ name: Range<Int>, _ value: Range<Int>, _ field: KnownField?) {
      nameStart = UInt32(clamping: name.lowerBound)
      nameEnd = UInt32(clamping: name.upperBound)
      valueStart = UInt32(clamping: value.lowerBound)
      valueEnd = UInt32(clamping: value.upperBound)
      self.field = field
    }

    /// The place of the name.
    public var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    /// The place of the value, without white space around it.
    public var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  }

  /// What a head is made of. A head is passed on often, so that it is one reference.
  private final class Parts: Sendable {
    let bytes: [UInt8]
    let start: StartLinePlaces
    let fields: [FieldPlace]
    let known: KnownFieldIndex
    let malformedLines: Int

    init(_ bytes: consuming [UInt8], _ start: StartLinePlaces, _ fields: consuming [FieldPlace], _ malformedLines: Int)
    {
      self.bytes = bytes
      self.start = start
      var known = KnownFieldIndex()
      for i in fields.indices {
        if let field = fields[i].field { known.note(field, at: i) }
      }
      self.fields = fields
      self.known = known
      self.malformedLines = malformedLines
    }
  }

  private var parts: Parts
  /// The bytes that all places point into. Not all of them belong to a part of the head.
  public var bytes: [UInt8] { parts.bytes }
  /// The header fields, in wire order.
  public var fieldPlaces: [FieldPlace] { parts.fields }
  var start: StartLinePlaces { parts.start }
  var known: KnownFieldIndex { parts.known }

  init(
    _ bytes: consuming [UInt8], _ start: StartLinePlaces, _ fields: consuming [FieldPlace], malformedLines: Int
  ) {
    parts = Parts(bytes, start, fields, malformedLines)
  }

  /// A head of these parts, of less than 4 GiB in all.
  public init(_ startLine: StartLine, _ fields: [HeaderField]) {
    parts = Parts([], StartLinePlaces(status: nil, version: 0..<0, word: 0..<0, target: 0..<0), [], 0)
    self.startLine = startLine
    self.fields = fields
  }

  /// Lines among the header fields that are none: no colon, an empty name, or white space before the first.
  public var malformedLines: Int {
    get { parts.malformedLines }
    set { parts = Parts(parts.bytes, parts.start, parts.fields, newValue) }
  }

  /// The first line.
  public var startLine: StartLine {
    get {
      let version = text(start.version)
      guard let status = start.status else {
        return .request(method: text(start.word), target: text(start.target), version: version)
      }
      return .response(version: version, status: status, reason: text(start.word))
    }
    set {
      var bytes = parts.bytes
      let start =
        switch newValue {
        case .request(let method, let target, let version):
          StartLinePlaces(
            status: nil, version: bytes.store(version), word: bytes.store(method), target: bytes.store(target))
        case .response(let version, let status, let reason):
          StartLinePlaces(status: status, version: bytes.store(version), word: bytes.store(reason), target: 0..<0)
        }
      parts = Parts(bytes, start, parts.fields, parts.malformedLines)
    }
  }

  /// The header fields, in wire order.
  public var fields: [HeaderField] {
    get { fieldPlaces.map { HeaderField(text($0.name), text($0.value)) } }
    set {
      var bytes = parts.bytes
      let fields = newValue.map { field in
        let (name, value) = (bytes.store(field.name), bytes.store(field.value))
        return FieldPlace(name, value, bytes.withUnsafeBytes { KnownField($0, name) })
      }
      parts = Parts(bytes, parts.start, fields, parts.malformedLines)
    }
  }

  /// Whether it is a request's.
  public var isRequest: Bool { start.status == nil }

  /// The status code of a response; nil for a request.
  public var status: Int? { start.status }

  /// Bytes of memory that it takes, about.
  public var cost: Int {
    fieldPlaces.reduce(256) { $0 + MemoryLayout<HeaderField>.stride + $1.name.count + $1.value.count }
  }

  /// Forgets all but the first line of a request, or that too.
  public mutating func forgetFields(andStartLine: Bool) {
    self = andStartLine ? Self.forgotten : HTTPHead(startLine, [])
  }

  private static let forgotten = HTTPHead(.request(method: "", target: "", version: ""), [])

  /// What stands in `bytes` at `place`: UTF-8 where it is well-formed, ISO 8859-1 elsewhere. Either way no byte is lost.
  public func text(_ place: Range<Int>) -> String { decodeText(bytes[place]) }

  /// Whether they say the same; how that was sent does not matter.
  public static func == (a: HTTPHead, b: HTTPHead) -> Bool {
    a.startLine == b.startLine && a.fields == b.fields && a.malformedLines == b.malformedLines
  }
}

extension [UInt8] {
  /// Puts `text` behind all other bytes, and gives its place.
  mutating func store(_ text: String) -> Range<Int> {
    let start = count
    append(contentsOf: text.utf8)
    return start..<count
  }
}

/// `bytes` as text: UTF-8 where they are well-formed, ISO 8859-1 elsewhere. Either way no byte is lost.
func decodeText(_ bytes: ArraySlice<UInt8>) -> String {
  if UTF8Validator.isValid(bytes.span.bytes) { return String(decoding: bytes, as: UTF8.self) }
  return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}
