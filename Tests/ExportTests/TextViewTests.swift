import Subprotocols
import Testing

@testable import Export

@Suite("Lines of views")
struct TextViewTests {
  private func line(_ text: String, isInferred: Bool = true) -> String {
    var view = MessageView()
    view.line = Array(text.utf8)
    view.confidence = isInferred ? 0.9 : nil
    return String(decoding: TextExporter.line(of: view), as: UTF8.self)
  }

  @Test("a question mark stands behind the whole name of what is inferred")
  func questionMark() {
    #expect(line("Protocol Buffers {}") == "Protocol Buffers? {}")
    #expect(line("zlib stream") == "zlib stream?")
    #expect(line("zlib streams") == "zlib? streams")
    #expect(line("MQTT PUBLISH a") == "MQTT? PUBLISH a" && line("MQTT") == "MQTT?" && line("") == "?")
    #expect(line("Action Cable ping", isInferred: false) == "Action Cable ping")
  }

  @Test("the page of reports knows all names of several words")
  func page() {
    let script = String(decoding: PackageResources.views_js, as: UTF8.self)
    for title in TextExporter.longTitles {
      #expect(script.contains("\"\(String(decoding: title, as: UTF8.self))\""))
    }
  }
}
