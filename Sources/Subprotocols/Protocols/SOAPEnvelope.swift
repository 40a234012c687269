import Bytes

/// What a SOAP envelope says, without the contents of its body.
struct SOAPEnvelope {
  private(set) var version: String?
  private(set) var action: String?
  private(set) var to: String?
  private(set) var messageID: String?
  private(set) var relatesTo: String?
  /// Header blocks that are not of WS-Addressing, and the text in them.
  private(set) var headers: [(name: String, text: String)] = []
  private(set) var hasBody = false
  private(set) var operation: String?
  private(set) var operationNamespace = ""
  private(set) var isFault = false
  private(set) var faultCode: String?
  private(set) var faultReason: String?
  private(set) var faultRole: String?
  /// Where the XML stands that a fault has as its detail.
  private(set) var faultDetail: Range<Int>?
  /// Whether it has more than is kept.
  private(set) var isCut = false
  /// Why the envelope is no XML that can be read.
  private(set) var xmlFault: XMLFault?

  /// Header blocks that are kept.
  private static let mostHeaders = 64

  private enum Part { case none, header, body }
  private var part = Part.none
  /// Names of the elements that are open.
  private var path: [String] = []
  /// Text in what is read now: a header block, or an element of a fault.
  private var text: [UInt8] = []
  /// Whether RelatesTo, which is read now, names the request that this replies to.
  private var isReply = true

  /// The version whose envelopes are in `namespace`.
  static func version(_ namespace: String) -> String? {
    switch namespace {
    case "http://schemas.xmlsoap.org/soap/envelope/": "1.1"
    case "http://www.w3.org/2003/05/soap-envelope": "1.2"
    default: nil
    }
  }

  /// What `bytes` says; without a version if it is no envelope.
  init(_ bytes: RawSpan) {
    var reader = XMLReader()
    var detailStart = 0
    var before = 0
    loop: while let event = reader.next(bytes) {
      defer { before = reader.position }
      switch event {
      case .start:
        let name = XMLText.string(bytes, reader.name)
        path.append(name)
        guard begin(name, reader, bytes) else { break loop }
        if isDetail { detailStart = reader.position }
      case .end:
        if isDetail { faultDetail = faultDetail ?? detailStart..<before }
        end(reader)
        path.removeLast()
      case .text, .characterData:
        guard part == .header || isFault else { continue }
        text += XMLText.utf8(bytes, reader.content, isVerbatim: event == .characterData)
      case .comment, .instruction: continue
      }
    }
    if reader.fault == .tooMuch { isCut = true } else { xmlFault = reader.fault }
  }

  /// Whether the element that is open is the detail of a fault.
  private var isDetail: Bool {
    isFault && part == .body && path.count == 4 && (path[3] == "detail" || path[3] == "Detail")
  }

  /// An element begins; false if the text is no envelope.
  private mutating func begin(_ name: String, _ reader: XMLReader, _ bytes: RawSpan) -> Bool {
    switch reader.depth {
    case 1:
      version = name == "Envelope" ? Self.version(reader.namespace) : nil
      return version != nil
    case 2 where Self.version(reader.namespace) != nil:
      part = name == "Header" ? .header : name == "Body" ? .body : .none
      if part == .body { hasBody = true }
    case 3 where part == .header:
      text = []
      isReply = Self.isReply(reader, bytes)
    case 3 where part == .body && operation == nil:
      operation = name
      operationNamespace = reader.namespace
      isFault = name == "Fault" && Self.version(reader.namespace) != nil
    default: if isFault { text = [] }
    }
    return true
  }

  /// Whether the element has no relation other than that of a reply (WS-Addressing 1.0, Core, §3.2; of 2004/08, `wsa:Reply`).
  private static func isReply(_ reader: XMLReader, _ bytes: RawSpan) -> Bool {
    for attribute in reader.attributes where bytes.holds("RelationshipType", attribute.name) {
      let relation = XMLText.string(bytes, attribute.value)
      return relation.hasSuffix("/addressing/reply") || relation.hasSuffix(":Reply") || relation == "Reply"
    }
    return true
  }

  private mutating func end(_ reader: XMLReader) {
    let depth = path.count
    if depth == 2 { part = .none }
    if part == .header, depth == 3 { endHeader(reader.namespace) }
    if part == .body, depth > 3, isFault { endOfFault(path.suffix(depth - 3)) }
    if depth == 3 { text = [] }
  }

  private mutating func endHeader(_ namespace: String) {
    let name = path.last ?? ""
    let value = Self.trimmed(text)
    guard namespace.hasSuffix("/addressing") else {
      return addHeader(name, value)
    }
    switch name {
    case "Action": action = value
    case "To": to = value
    case "MessageID": messageID = value
    case "RelatesTo" where isReply: relatesTo = relatesTo ?? value
    default: addHeader(name, value)
    }
  }

  /// Keeps a header block. Of several with a name the first one counts.
  private mutating func addHeader(_ name: String, _ text: String) {
    guard !headers.contains(where: { $0.name == name }) else { return }
    if headers.count < Self.mostHeaders { headers.append((name, text)) } else { isCut = true }
  }

  /// An element of a fault ends, at this path within it.
  private mutating func endOfFault(_ path: ArraySlice<String>) {
    let value = Self.trimmed(text)
    text = []
    guard let first = path.first else { return }
    switch (first, path.last) {
    case ("faultcode", _) where path.count == 1, ("Code", "Value"): faultCode = value
    case ("faultstring", _) where path.count == 1: faultReason = value
    case ("faultactor", _) where path.count == 1, ("Role", _) where path.count == 1: faultRole = value
    case ("Reason", "Text"): faultReason = faultReason ?? value
    default: break
    }
  }

  private static func trimmed(_ text: [UInt8]) -> String {
    let start = text.firstIndex { !XMLReader.isSpace($0) } ?? text.endIndex
    let end = text.lastIndex { !XMLReader.isSpace($0) }.map { $0 + 1 } ?? start
    return String(decoding: text[start..<end], as: UTF8.self)
  }
}
