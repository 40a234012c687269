import Foundation
import TestSupport
import Testing

@testable import Export

@Suite("Nothing of a capture can be more than text in a report")
struct ReportSafetyTests {
  @Test("behind the page there is nothing but base64 in blocks", arguments: HostileConversations.all.keys.sorted())
  func blocks(name: String) throws {
    let talk = HostileConversations.all[name]?() ?? Conversation()
    let report = try ReportReader(of: [("</script><script>alert(1)</script>", talk.capture.pcap())])
    #expect(report.isClean)
    #expect(report.objects("report").count == 1, "the report is whole")
  }

  @Test("the page is the same whatever the capture, and its policy allows its own script and style alone")
  func policy() throws {
    let page = try ReportReader(of: [("<b>", try SampleFiles.capture("browser-chat.pcap"))]).page
    #expect(try ReportReader(of: [("a", try SampleFiles.capture("frame-faults.pcap"))]).page == page)
    let script = try #require(inside(page, "<script>", "</script>"))
    let style = try #require(inside(page, "<style>", "</style>"))
    let policy = try #require(inside(page, "Content-Security-Policy\" content=\"", "\""))
    #expect(policy.contains("default-src 'none'"))
    #expect(policy.contains("script-src '\(hash(script))';"))
    #expect(policy.contains("style-src '\(hash(style))';"))
    #expect(!policy.contains("unsafe"))
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(page.components(separatedBy: "<style").count == 2)
    #expect(!page.contains("{{"))
  }

  @Test("the page's sources never read text as HTML or script, and ask no network", arguments: pageFiles)
  func sources(file: String) throws {
    let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
    let forbidden = [
      "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setAttribute(\"style",
      "DOMParser",
      "createContextualFragment", "setHTMLUnsafe", "XMLHttpRequest", "fetch(", "WebSocket(", "import(", "url(",
      "@import", "http:", "https:",
      "</script", "<!--",
    ]
    let known = ["report.html": ["</script", "http:"]][file] ?? []
    for word in forbidden where !known.contains(word) { #expect(!text.contains(word), "\(word) in \(file)") }
    #expect(
      text.split(separator: "\n", omittingEmptySubsequences: false).count <= 300, "\(file) stays small enough to read")
    #expect(!text.contains("\r"), "the browser would hash other bytes")
  }

  @Test("every source is in the page")
  func complete() throws {
    let page = Data(try ReportReader(of: [("a", try SampleFiles.capture("browser-chat.pcap"))]).page.utf8)
    for file in Self.pageFiles where file != "report.html" {
      #expect(page.range(of: try Data(contentsOf: Self.folder.appending(path: file))) != nil, "\(file)")
    }
  }

  @Test("a report that is cut anywhere is a page with whole blocks in front of the cut")
  func flushed() {
    var story = Story(HTMLExporter.self)
    story.connection()
    for i in 1...3 { story.text("<script>\(i)", at: Double(i)) }
    #expect(story.text == "", "nothing is written before a block is full, or all is told")
    story.exporter.finish()
    #expect(story.text?.hasSuffix("</script>\n") == true)
  }

  private static let folder = SampleFiles.repository.appending(path: "Sources/Export/HTML/page")
  private static let pageFiles = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []).sorted()

  private func inside(_ text: String, _ open: String, _ close: String) -> String? {
    guard let start = text.range(of: open), let end = text[start.upperBound...].range(of: close) else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// The hash as a policy names it; of the SHA-256 that a browser computes.
  private func hash(_ text: String) -> String {
    let digits = Array(sha256(Array(text.utf8)))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return "sha256-\(Data(bytes).base64EncodedString())"
  }
}
