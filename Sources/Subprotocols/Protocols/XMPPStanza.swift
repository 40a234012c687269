import Bytes

/// What an element of XMPP says: its attributes, what it carries, and the texts that people look for.
struct XMPPStanza {
  /// What an element carries.
  struct Child {
    var name: String
    var namespace: String
  }

  /// Attributes that are shown, in this order.
  static let shownAttributes: [StaticString] = ["type", "id", "from", "to", "version", "mechanism"]

  private(set) var element = ""
  private(set) var namespace = ""
  private(set) var children: [Child] = []
  private(set) var mechanisms: [String] = []
  /// Texts, by the name of their field.
  private(set) var texts: [(name: StaticString, text: String)] = []
  private(set) var isSpaceFirst = false
  /// Whether it has more than is kept.
  private(set) var isCut = false
  /// Why it is no XML that can be read.
  private(set) var xmlFault: XMLFault?

  /// Elements that are kept, and mechanisms.
  private static let mostChildren = 32
  private var attributes: [(name: String, value: String)] = []
  private var text: [UInt8] = []

  /// The value of an attribute; nil without one.
  subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

  /// What `bytes` says; an empty element if it is none.
  init(_ bytes: RawSpan) {
    isSpaceFirst = bytes.byteCount > 0 && XMLReader.isSpace(bytes.u8(0))
    var reader = XMLReader()
    /// Names of the elements that are open, below the outermost one, and whether the first of them is an error.
    var inside: [String] = []
    while let event = reader.next(bytes) {
      switch event {
      case .start where reader.depth == 1: begin(reader, bytes)
      case .start:
        let name = XMLText.string(bytes, reader.name)
        inside.append(name)
        text = []
        if inside.count == 1 { addChild(name, reader.namespace) }
        if inside.count <= 2 { addCondition(name, reader.namespace, inside) }
      case .end:
        if let name = inside.popLast() { end(name, inside) }
      case .text: text += XMLText.utf8(bytes, reader.content)
      case .characterData: text += XMLText.utf8(bytes, reader.content, isVerbatim: true)
      case .comment, .instruction: break
      }
    }
    if reader.fault == .tooMuch { isCut = true } else { xmlFault = reader.fault }
  }

  private mutating func begin(_ reader: XMLReader, _ bytes: RawSpan) {
    element = XMLText.string(bytes, reader.name)
    namespace = reader.namespace
    for attribute in reader.attributes where attribute.prefix.isEmpty {
      attributes.append((XMLText.string(bytes, attribute.name), XMLText.string(bytes, attribute.value)))
    }
  }

  private mutating func addChild(_ name: String, _ namespace: String) {
    guard !isText(name) || namespace != self.namespace else { return }
    guard children.count < Self.mostChildren else { return isCut = true }
    children.append(Child(name: name, namespace: namespace))
  }

  /// Whether the child `name` is shown by its text.
  private func isText(_ name: String) -> Bool {
    switch element {
    case "message": ["body", "subject", "thread"].contains(name)
    case "presence": ["show", "status", "priority"].contains(name)
    default: false
    }
  }

  /// Conditions are the names of elements: in an error of a stanza or stream, and in a failure of SASL.
  private mutating func addCondition(_ name: String, _ namespace: String, _ inside: [String]) {
    let isStanza = inside.count == 2 && inside[0] == "error"
    let isOfStream = inside.count == 1 && ["error", "failure", "failed"].contains(element)
    guard isStanza || isOfStream, name != "text" else { return }
    if isStanza, !namespace.hasPrefix("urn:ietf:params:xml:ns:xmpp-") { return }
    add("condition", name)
  }

  /// The element `name`, which stood in those of `inside`, ends.
  private mutating func end(_ name: String, _ inside: [String]) {
    let value = String(decoding: text, as: UTF8.self)
    text = []
    if name == "mechanism", inside.last == "mechanisms" || inside.last == "authentication" {
      if mechanisms.count < Self.mostChildren { mechanisms.append(value) } else { isCut = true }
    }
    if name == "text", inside == ["error"] || inside.isEmpty && (element == "error" || element == "failure") {
      add("error_text", value)
    }
    guard inside.isEmpty else { return }
    switch (element, name) {
    case ("message", "body"): add("body", value)
    case ("message", "subject"): add("subject", value)
    case ("message", "thread"): add("thread", value)
    case ("presence", "show"): add("show", value)
    case ("presence", "status"): add("status", value)
    case ("presence", "priority"): add("priority", value)
    default: break
    }
  }

  /// Keeps a text. Of several, in several languages, the first one counts.
  private mutating func add(_ name: StaticString, _ text: String) {
    if !texts.contains(where: { $0.name.description == name.description }) { texts.append((name, text)) }
  }
}
