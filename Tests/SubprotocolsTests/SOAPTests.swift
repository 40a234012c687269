import Testing

@testable import Subprotocols

/// SOAP: the examples of SOAP 1.1, SOAP 1.2 and WS-Addressing. The peers that speak it over WebSocket (WCF) run on Windows only, so
/// that there is no capture of it.
struct SOAPTests {
  private let request = """
    <?xml version="1.0"?>
    <S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing">
      <S:Header>
        <wsa:MessageID>http://example.com/6B29FC40</wsa:MessageID>
        <wsa:ReplyTo><wsa:Address>http://example.com/business/client1</wsa:Address></wsa:ReplyTo>
        <wsa:To>mailto:fabrikam@example.com</wsa:To>
        <wsa:Action>http://example.com/fabrikam/Delete</wsa:Action>
        <t:Trace xmlns:t="urn:t" S:mustUnderstand="1"> 7 &amp; 8 </t:Trace>
      </S:Header>
      <S:Body><f:Delete xmlns:f="http://example.com/fabrikam"><maxCount>42</maxCount></f:Delete></S:Body>
    </S:Envelope>
    """

  @Test("a request and its fault are linked by the ids of WS-Addressing")
  func pair() throws {
    let peers = ViewTester("soap")
    let view = try #require(peers.text(request))
    #expect(
      view.text
        == #"{"name":"soap","version":"1.2","action":"http://example.com/fabrikam/Delete","operation":"Delete","operation_namespace":"http://example.com/fabrikam","to":"mailto:fabrikam@example.com","message_id":"http://example.com/6B29FC40","headers":{"ReplyTo":"http://example.com/business/client1","Trace":"7 & 8"}}"#
    )
    #expect(view.words == "SOAP Delete http://example.com/fabrikam/Delete")
    let reply = try #require(
      peers.text(
        """
        <env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">
        <env:Header><a:RelatesTo>http://example.com/6B29FC40</a:RelatesTo></env:Header>
        <env:Body><env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>rpc:BadArguments</env:Value>
        </env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">Processing error</env:Text>
        <env:Text xml:lang="cs">Chyba</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>
        """, fromClient: false))
    #expect(reply["reply_to"] == "1")
    #expect(reply["operation"] == "Fault")
    #expect(reply["fault_code"] == "rpc:BadArguments")
    #expect(reply["fault_reason"] == "Processing error")
    #expect(reply.words == #"SOAP Fault of Delete rpc:BadArguments "Processing error""#)
    #expect(reply.replies.map(\.isError) == [true])
    #expect(peers.faults.isEmpty)
  }

  @Test("SOAP 1.1, recognised by its envelope alone")
  func old() throws {
    let peers = ViewTester()
    let view = try #require(
      peers.text(
        #"<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>Server Error</faultstring><detail><e:m xmlns:e="u"><faultcode>1001</faultcode></e:m></detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"#
      ))
    #expect(
      view.text
        == #"{"name":"soap","version":"1.1","operation":"Fault","operation_namespace":"http://schemas.xmlsoap.org/soap/envelope/","fault_code":"SOAP-ENV:Server","fault_reason":"Server Error","fault_detail":"<e:m xmlns:e=\"u\"><faultcode>1001</faultcode></e:m>"}"#
    )
    #expect(ViewTester().text(#"<Envelope xmlns="urn:other"><Body/></Envelope>"#)?.name == "xml")
  }

  @Test("only a reply is linked to what it relates to; long texts are whole; a fault has a role")
  func relations() throws {
    let peers = ViewTester("soap")
    _ = peers.text(request)
    func related(_ relation: String, _ body: String) -> MessageView? {
      peers.text(
        """
        <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><e:Header>\
        <a:RelatesTo\(relation)>http://example.com/6B29FC40</a:RelatesTo></e:Header><e:Body>\(body)</e:Body></e:Envelope>
        """, fromClient: false)
    }
    let other = try #require(related(#" RelationshipType="urn:x:followup""#, "<x/>"))
    #expect(other["reply_to"] == nil && other["relates_to"] == nil)
    #expect(other["headers.RelatesTo"] == "http://example.com/6B29FC40")
    let long = String(repeating: "&amp;x", count: 5000)
    let reply = try #require(
      related(
        #" RelationshipType="http://www.w3.org/2005/08/addressing/reply""#,
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>\(long)</e:Text></e:Reason>"
          + "<e:Role>urn:r</e:Role><e:Detail><d>1</d></e:Detail></e:Fault>"))
    #expect(reply["reply_to"] == "1" && reply["fault_role"] == "urn:r" && reply["fault_detail"] == "<d>1</d>")
    #expect(reply["fault_reason"] == String(repeating: "&x", count: 5000))
    #expect(peers.faults.isEmpty)
  }

  @Test("what breaks the rules, and envelopes that are not written as XML")
  func malformed() {
    let peers = ViewTester("soap")
    #expect(peers.binary([0x56, 0x02, 0x0B, 0x01])?.text == #"{"name":"soap","encoding":"binary"}"#)
    _ = peers.text(#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>"#)
    #expect(peers.faults == ["SOAP: an envelope without a body"])
    _ = peers.text(#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body></e:Envelope>"#)
    #expect(peers.faults == ["SOAP: an end tag for another element"])
    let bytes = Array(request.utf8)
    for end in bytes.indices { _ = peers.read(Array(bytes[..<end]), isText: true, isWhole: false)?.text }
    #expect(peers.faults.isEmpty)
  }
}
