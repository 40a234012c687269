import Bytes

/// An XML text of which no more is known than what its outermost element is.
final class XMLPayload: PayloadView {
  static let description = ViewDescription(
    "xml", "XML", specification: "XML 1.0", subprotocols: ["xml"],
    fields: [
      ViewField("element", .string, "name of the outermost element"),
      ViewField("namespace", .string, "its namespace"),
      ViewField("attributes", .json, "its attributes"),
      ViewField("elements", .number, "elements that the text has"),
    ])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard content.isMarkup else { return 0 }
    var reader = XMLReader()
    var isDeclared = false
    while let event = reader.next(content) {
      if event == .start, !reader.namespace.isEmpty { isDeclared = true }
      if event == .instruction { isDeclared = true }
    }
    guard
      reader.isComplete || reader.fault == .tooMuch && isDeclared
        || !message.isWhole && reader.fault == .cut && isDeclared
    else { return 0 }
    return isDeclared ? 1 : 0.8
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard content.isMarkup else { return .foreign }
    var reader = XMLReader()
    var elements = 0
    while let event = reader.next(content) {
      guard event == .start else { continue }
      elements += 1
      if elements == 1 { showRoot(reader, content, &view) }
    }
    guard elements > 0 else { return .foreign }
    if reader.fault == .tooMuch { view.leaveOut() }
    view.integer("elements", elements)
    if elements > 1 { view.say("with \(elements) elements") }
    return .shown
  }

  private func showRoot(_ reader: XMLReader, _ content: RawSpan, _ view: inout ViewWriter) {
    view.say("XML")
    view.text("element", content.extracting(reader.name))
    view.say(content.extracting(reader.name))
    if !reader.namespace.isEmpty { view.text("namespace", reader.namespace) }
    if !reader.attributes.isEmpty { view.object("attributes") }
    for attribute in reader.attributes {
      let value = XMLText.utf8(content, attribute.value)
      view.text(named: content.extracting(attribute.name), value.span.bytes)
      view.say("\(XMLText.string(content, attribute.name))=\"\(XMLText.string(content, attribute.value))\"")
    }
    if !reader.attributes.isEmpty { view.close() }
    if !reader.namespace.isEmpty { view.say(reader.namespace) }
  }
}

extension RawSpan {
  /// Whether they begin as an XML text does.
  var isMarkup: Bool {
    var i = begins(with: "\u{FEFF}") ? 3 : 0
    while i < byteCount, XMLReader.isSpace(u8(i)) { i += 1 }
    guard i + 1 < byteCount, u8(i) == 0x3C else { return false }
    let next = u8(i + 1)
    return (next | 0x20) >= 0x61 && (next | 0x20) <= 0x7A || next == 0x3F || next == 0x21 || next == 0x5F
      || next >= 0x80
  }
}
