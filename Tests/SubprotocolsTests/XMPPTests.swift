import Testing

@testable import Subprotocols

/// XMPP over WebSocket: what Prosody and its clients say, and the examples of RFC 7395.
struct XMPPTests {
  @Test("a stream begins, and an iq is linked to its result or error")
  func stream() throws {
    let peers = ViewTester("xmpp")
    #expect(
      peers.text(#"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="example.com" version="1.0" />"#)?.words
        == "XMPP open to example.com 1.0")
    let features = try #require(
      peers.text(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>",
        fromClient: false))
    #expect(features.words == "XMPP features mechanisms PLAIN SCRAM-SHA-1")
    #expect(features["mechanisms"] == #"["PLAIN","SCRAM-SHA-1"]"#)
    _ = peers.text(
      #"<iq xmlns="jabber:client" type="get" id="x1" to="localhost"><tide xmlns="urn:example:tide"/></iq>"#)
    let error = try #require(
      peers.text(
        "<iq id='x1' type='error' xmlns='jabber:client' from='localhost'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>none</text></error></iq>",
        fromClient: false))
    #expect(
      error.text
        == #"{"name":"xmpp","element":"iq","namespace":"jabber:client","type":"error","id":"x1","from":"localhost","reply_to":3,"latency":0.001000000,"condition":"service-unavailable","error_text":"none"}"#
    )
    #expect(error.words == #"XMPP iq error #x1 from localhost of get tide urn:example:tide service-unavailable "none""#)
    #expect(error.replies.map(\.isError) == [true])
    #expect(peers.text("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")?.words == "XMPP close")
    #expect(peers.faults.isEmpty)
  }

  @Test("who is told what")
  func stanzas() throws {
    let peers = ViewTester()
    let message = try #require(
      peers.text(
        "<message xmlns='jabber:client' type='chat' to='a@b'><body>1 &lt; 2</body><body xml:lang='de'>eins</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>"
      ))
    #expect(
      message.text
        == #"{"name":"xmpp","element":"message","namespace":"jabber:client","type":"chat","to":"a@b","child":"active","child_namespace":"http://jabber.org/protocol/chatstates","body":"1 < 2"}"#
    )
    let presence = try #require(
      peers.text("<presence xmlns='jabber:client'><show>away</show><status>out</status></presence>"))
    #expect(presence.words == #"XMPP presence "away" "out""#)
    let failure = try #require(
      peers.text(
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no</text></failure>",
        fromClient: false))
    #expect(failure["condition"] == "not-authorized")
    #expect(failure["error_text"] == "no")
  }

  @Test("what a client begins is answered: SASL 2, and the management of streams")
  func answers() throws {
    let peers = ViewTester("xmpp")
    _ = peers.text("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>")
    #expect(peers.text("<success xmlns='urn:xmpp:sasl:2'/>", fromClient: false)?["reply_to"] == "1")
    _ = peers.text("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    #expect(peers.text("<enabled xmlns='urn:xmpp:sm:3' id='s'/>", fromClient: false)?["reply_to"] == "3")
    _ = peers.text("<resume xmlns='urn:xmpp:sm:3' h='1' previd='s'/>")
    let failed = try #require(
      peers.text(
        "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
        fromClient: false))
    #expect(failed["reply_to"] == "5" && failed["condition"] == "item-not-found")
    let close = try #require(
      peers.text("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b/'/>", fromClient: false))
    #expect(close["see_other_uri"] == "wss://b/" && close.words == "XMPP close see wss://b/")
    #expect(peers.text("<presence xmlns='jabber:client'><priority>5</priority></presence>")?["priority"] == "5")
    #expect(peers.faults.isEmpty)
  }

  @Test("long texts are whole; our own limits are no faults")
  func limits() throws {
    let peers = ViewTester("xmpp")
    let body = String(repeating: "é&lt;", count: 3000)
    let message = try #require(peers.text("<message xmlns='jabber:client'><body>\(body)</body></message>"))
    #expect(message["body"] == String(repeating: "é<", count: 3000) && message["cut"] == nil)
    let deep = String(repeating: "<a>", count: 300) + String(repeating: "</a>", count: 300)
    #expect(peers.text("<message xmlns='jabber:client'>\(deep)</message>")?["cut"] == "true")
    #expect(peers.faults.isEmpty)
    let long = String(repeating: "x", count: 1 << 21)
    let cut = try #require(peers.text("<message xmlns='jabber:client'><body>\(long)</body></message>"))
    #expect(cut["cut"] == "true" && peers.faults.isEmpty)
    #expect(ViewTester().text("<m xmlns='urn:x'>\(deep)</m>")?["cut"] == "true")
  }

  @Test("what breaks the rules is told")
  func malformed() {
    let peers = ViewTester("xmpp")
    func faults(_ text: String) -> [String] {
      _ = peers.text(text)
      return peers.faults.map { String($0.dropFirst("RFC 7395: ".count)) }
    }
    #expect(faults("<message><body>x</body></message>") == ["message without a namespace"])
    #expect(faults(" ") == ["white space instead of an element"])
    #expect(faults("<iq xmlns='jabber:client' type='got'/>") == ["an iq without an id", "an iq of no known type"])
    #expect(faults("<message xmlns='jabber:client'><body>") == ["the text ends early"])
    #expect(
      faults("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'></stream:stream>")
        == ["a stream tag; over WebSocket streams begin with open"])
    #expect(faults("{}") == ["no message of this protocol"])
  }
}
