import Testing

@testable import Subprotocols

/// XML: what the reader gives, what it refuses, and the plain view of it.
struct XMLTests {
  /// Events in words, and the fault.
  private func events(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var reader = XMLReader()
    var found: [String] = []
    while let event = reader.next(bytes.span.bytes) {
      let words = String(decoding: bytes[reader.content], as: UTF8.self)
      let name = String(decoding: bytes[reader.name], as: UTF8.self)
      switch event {
      case .start:
        let attributes = reader.attributes.map { attribute in
          let space = reader.namespace(attribute.prefix, bytes.span.bytes) ?? "?"
          let name = String(decoding: bytes[attribute.name], as: UTF8.self)
          return
            " \(attribute.prefix.isEmpty ? "" : "{\(space)}")\(name)=\(XMLText.string(bytes.span.bytes, attribute.value))"
        }
        found.append("<{\(reader.namespace)}\(name)\(attributes.joined())")
      case .end: found.append("/{\(reader.namespace)}\(name)")
      case .text: found.append("'" + XMLText.string(bytes.span.bytes, reader.content))
      case .characterData: found.append("[" + words)
      case .comment: found.append("#" + words)
      case .instruction: found.append("?" + words)
      }
    }
    if let fault = reader.fault { found.append("! \(fault)") }
    if reader.isComplete { found.append(".") }
    return found
  }

  @Test("events, with namespaces and references resolved")
  func events() {
    #expect(
      events("<?xml version='1.0'?><!-- a --><a x='1 &lt; 2'>b&#65;&#x42;&amp;<![CDATA[<c>&]]><d/></a>\n")
        == ["?xml version='1.0'", "# a ", "<{}a x=1 < 2", "'bAB&", "[<c>&", "<{}d", "/{}d", "/{}a", "."])
    #expect(
      events("<a xmlns='u' xmlns:p='v' p:k=\"w\"><p:b xmlns=''><c/></p:b><d xmlns:p='x'><p:e/></d><p:f/></a>")
        == [
          "<{u}a {v}k=w", "<{v}b", "<{}c", "/{}c", "/{v}b", "<{u}d", "<{x}e", "/{x}e", "/{u}d", "<{v}f", "/{v}f",
          "/{u}a", ".",
        ])
    #expect(events("\u{FEFF}<é ü='ö'/>") == ["<{}é ü=ö", "/{}é", "."])
    #expect(XMLText.utf8(Array("a\r\nb\rc".utf8).span.bytes, 0..<6) == Array("a\nb\nc".utf8))
  }

  @Test(
    "what is no XML, or no XML that is read",
    arguments: [
      ("", XMLFault.cut), ("<a>", .cut), ("<a", .cut), ("<a b", .cut), ("<a b='", .cut), ("<", .cut), ("<!", .cut),
      ("<!DOCTYPE a><a/>", .documentType), ("<a></b>", .mismatch), ("</a>", .mismatch), ("<a>&nbsp;</a>", .reference),
      ("<a b='&x;'/>", .reference), ("<a>&#0;</a>", .reference), ("<a>&#xD800;</a>", .reference),
      ("<a>&#99999999;</a>", .reference), ("<a b/>", .attribute), ("<a b='1' b='2'/>", .attribute),
      ("<a b=1/>", .attribute),
      ("<p:a/>", .prefix), ("<a p:b='1'/>", .prefix), ("<a/><b/>", .trailing), ("<a/>x", .trailing), ("x<a/>", .syntax),
      ("<a>\u{1}</a>", .character), ("<a b='<'/>", .character), ("<1/>", .name), ("<a:/>", .name),
      ("<a b='1'c='2'/>", .name),
      ("<![CDATA[x]]>", .syntax), ("<!ELEMENT a>", .syntax),
    ])
  func faults(_ text: String, _ fault: XMLFault) {
    #expect(events(text).last == "! \(fault)", "\(text)")
  }

  @Test("nesting, attributes and namespaces have limits")
  func limits() {
    #expect(events(String(repeating: "<a>", count: 300)).last == "! tooMuch")
    #expect(events("<a \((0..<200).map { "b\($0)='1'" }.joined(separator: " "))/>").last == "! tooMuch")
    #expect(events("<a \((0..<200).map { "xmlns:b\($0)='1'" }.joined(separator: " "))/>").last == "! tooMuch")
  }

  @Test("text that is cut anywhere, or changed anywhere, is read to its fault")
  func hurt() {
    let text = Array(
      "<?xml version='1.0'?><a xmlns='u' x=\"1\"><b>&lt;t&#65;</b><!-- c --><![CDATA[d]]><p:e xmlns:p='v'/></a>".utf8)
    for end in text.indices { #expect(events(String(decoding: text[..<end], as: UTF8.self)).last == "! cut") }
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    var state = seed
    for _ in 0..<4000 {
      var changed = text
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        changed[Int(state >> 33) % changed.count] = UInt8(truncatingIfNeeded: state >> 24)
      }
      let view = ViewTester().read(changed, isText: false)
      #expect(view?.text != "", "seed \(seed)")
    }
  }

  @Test("the view says what the outermost element is")
  func view() {
    let view = ViewTester().text("<tide xmlns='urn:pier' at=\"3\"><high>&quot;2&quot;</high></tide>")
    #expect(
      view?.text
        == #"{"name":"xml","element":"tide","namespace":"urn:pier","attributes":{"at":"3"},"elements":2}"#)
    #expect(view?.words == #"XML tide at="3" urn:pier with 2 elements"#)
    #expect(ViewTester().text("<b>x</b>")?.confidence == 0.8)
    for other in ["<3", "a < b", "<div hidden>", "<p>a<br>b</p>", "<html><!doctype x>", "< a/>"] {
      #expect(ViewTester().text(other) == nil, "\(other)")
    }
  }
}
