import Testing
import WebSocket

@Suite("Sec-WebSocket-Extensions, RFC 6455 §9.1")
struct ExtensionElementTests {
  private func read(_ text: String) -> [String] {
    let element = ExtensionElement(text)
    return [element.name]
      + element.parameters.map { parameter in parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name }
  }

  @Test("a name and its parameters, in order")
  func elements() {
    #expect(read("permessage-deflate") == ["permessage-deflate"])
    #expect(
      read("permessage-deflate; client_max_window_bits; server_max_window_bits=10")
        == ["permessage-deflate", "client_max_window_bits", "server_max_window_bits=10"])
    #expect(read(" Foo ;\tBar = Baz\t; A=b ") == ["foo", "bar=Baz", "a=b"])
    #expect(read("x;a=1;a=2") == ["x", "a=1", "a=2"])
    #expect(ExtensionElement("x;a=1;a=2").parameter("a")?.value == "1")
    #expect(ExtensionElement("x;a").parameter("b") == nil)
  }

  @Test("a quoted value is the value, without quotes and escapes")
  func quoted() {
    #expect(read("x; a=\"10\"") == ["x", "a=10"])
    #expect(read("x; a=\"1\\0\"; b") == ["x", "a=10", "b"])
    #expect(read("x; a=\"b;c=d\"; e") == ["x", "a=b;c=d", "e"])
    #expect(read("x; a=\"q\\\"r\\\\\"") == ["x", "a=q\"r\\"])
    #expect(read("x; a=\"\"") == ["x", "a="])
    #expect(read("x; a=\"open; b") == ["x", "a=open; b"], "an open quote reaches to the end")
  }

  @Test("what is left out, doubled or odd does no harm")
  func odd() {
    #expect(read("") == [""])
    #expect(read(";") == [""])
    #expect(read(" ; a") == ["", "a"])
    #expect(read("x;;;a;") == ["x", "a"])
    #expect(read("x;=1") == ["x", "=1"])
    #expect(read("x;a=") == ["x", "a="])
    #expect(read("x;a==b") == ["x", "a==b"])
    #expect(read("x;\u{301}a; \u{301}b=1") == ["x", "\u{301}a", "\u{301}b=1"], "a combining accent hides no separator")
  }
}

@Suite("Which compression is agreed upon")
struct CompressionTests {
  private func read(_ text: String) -> Compression? { Compression(ExtensionElement(text)) }

  @Test("permessage-deflate and its parameters, RFC 7692 §7.1")
  func perMessage() {
    #expect(
      read("permessage-deflate")
        == .perMessageDeflate(
          serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 15,
          clientMaxWindowBits: 15))
    #expect(
      read("Permessage-Deflate; server_no_context_takeover; client_max_window_bits=\"9\"; server_max_window_bits=8")
        == .perMessageDeflate(
          serverNoContextTakeover: true, clientNoContextTakeover: false, serverMaxWindowBits: 8, clientMaxWindowBits: 9)
    )
    #expect(
      read("permessage-deflate; client_no_context_takeover; client_max_window_bits")
        == .perMessageDeflate(
          serverNoContextTakeover: false, clientNoContextTakeover: true, serverMaxWindowBits: 15,
          clientMaxWindowBits: 15))
    for bits in 8...15 {
      guard case .perMessageDeflate(_, _, let server, _)? = read("permessage-deflate; server_max_window_bits=\(bits)")
      else {
        Issue.record("\(bits) bits")
        continue
      }
      #expect(server == bits)
    }
  }

  @Test(
    "a window that is not allowed counts as absent, RFC 7692 §7.1.2",
    arguments: ["7", "16", "+9", "09", "-9", "", "9.0", "x", "9 9", "99999999999999999999"])
  func window(bits: String) {
    #expect(read("permessage-deflate; server_max_window_bits=\(bits)") == read("permessage-deflate"))
  }

  @Test("each direction has its own parameters")
  func directions() {
    let compression = Compression.perMessageDeflate(
      serverNoContextTakeover: true, clientNoContextTakeover: false, serverMaxWindowBits: 10, clientMaxWindowBits: 12)
    let server = compression.direction(ofClient: false)
    #expect(server.isWithoutContextTakeover && server.windowBits == 10 && !server.isPerFrame)
    let client = compression.direction(ofClient: true)
    #expect(!client.isWithoutContextTakeover && client.windowBits == 12 && !client.isPerFrame)
  }

  @Test("deflate-frame: the server's parameters bind the client; the server may use all of the window")
  func perFrame() {
    for name in ["deflate-frame", "x-webkit-deflate-frame"] {
      #expect(read(name) == .deflateFrame(noContextTakeover: false, maxWindowBits: 15))
      let compression = read("\(name); max_window_bits=10; no_context_takeover")
      #expect(compression == .deflateFrame(noContextTakeover: true, maxWindowBits: 10))
      let client = compression?.direction(ofClient: true)
      #expect(client?.isWithoutContextTakeover == true && client?.windowBits == 10 && client?.isPerFrame == true)
      let server = compression?.direction(ofClient: false)
      #expect(server?.isWithoutContextTakeover == false && server?.windowBits == 15 && server?.isPerFrame == true)
    }
  }

  @Test("other extensions are no compression")
  func others() {
    #expect(read("") == nil)
    #expect(read("permessage-bzip2") == nil)
    #expect(read("x-permessage-deflate") == nil)
  }
}
