import Testing

@testable import LiveCapture

@Suite("Filters")
struct FilterTests {
  @Test("a filter falls into words and marks, each with its place")
  func words() {
    let words = FilterWord.all(in: "tcp[13]&7!=0 and (port 80||ip6)")
    #expect(
      words.map(\.text)
        == ["tcp", "[", "13", "]", "&", "7", "!=", "0", "and", "(", "port", "80", "||", "ip6", ")"])
    let text = Array("tcp[13]&7!=0 and (port 80||ip6)")
    for word in words { #expect(String(text[word.place]) == word.text) }
  }

  @Test("words that could make libpcap look for a host are known", arguments: ["example.org", "localhost", "beef"])
  func names(word: String) {
    #expect(FilterWord.all(in: "host \(word)").map(\.mayBeName) == [false, true])
  }

  @Test(
    "numbers, addresses and keywords are no hosts", arguments: ["80", "10.0.0.1", "::1", "fe80::1", "tcp", "0x800"])
  func others(word: String) {
    #expect(FilterWord.all(in: word).allSatisfy { !$0.mayBeName })
  }

  @Test(
    "the place of an error is that of the first word that cannot stand there",
    arguments: [
      ("tcp port port 80", 9..<13), ("tcp and (port 80", 16..<17), ("tcp prot 80", 4..<8),
      ("port 80 or or port 81", 11..<13),
      ("tcp[13 & 7", 10..<11), (") tcp", 0..<1), ("src host 10.0.0.1 dst", 18..<21),
    ] as [(String, Range<Int>)])
  func places(filter: String, place: Range<Int>) throws {
    guard let fault = try FilterCompiler.fault(in: filter) else {
      Issue.record("\(filter) compiles")
      return
    }
    #expect(fault.place == place, "\(fault.reason)")
  }

  @Test("the default filter compiles, and what is right has no fault")
  func right() throws {
    #expect(try FilterCompiler.fault(in: LiveCapture.defaultFilter) == nil)
    #expect(try FilterCompiler.fault(in: "tcp port 8080 and not host 10.0.0.1") == nil)
  }
}
