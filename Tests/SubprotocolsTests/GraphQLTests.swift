import Testing

@testable import Subprotocols

/// GraphQL over WebSocket: the flows of the `graphql-ws` library's protocol and of `subscriptions-transport-ws`.
struct GraphQLTests {
  @Test("an operation is linked to its results and its end")
  func operation() throws {
    let peers = ViewTester("graphql-transport-ws")
    let start = try #require(peers.text(#"{"type":"connection_init","payload":{"token":"x"}}"#))
    #expect(start.text == #"{"name":"graphql","type":"connection_init","payload":{"token":"x"}}"#)
    #expect(start.words == #"GraphQL connection_init {"token":"x"}"#)
    let ready = try #require(peers.text(#"{"type":"connection_ack"}"#, fromClient: false))
    #expect(ready["reply_to"] == "1")
    let subscribe = try #require(
      peers.text(
        #"{"id":"a1","type":"subscribe","payload":{"query":"subscription OnCount($to: Int!) { count(to: $to) }","variables":{"to":2}}}"#
      ))
    #expect(subscribe.words == #"GraphQL subscribe #a1 subscription OnCount {"to":2}"#)
    #expect(subscribe["operation"] == "subscription")
    #expect(subscribe["operation_name"] == "OnCount")
    #expect(subscribe["variables.to"] == "2")
    let first = try #require(
      peers.text(#"{"id":"a1","type":"next","payload":{"data":{"count":0}}}"#, fromClient: false))
    #expect(
      first.text
        == #"{"name":"graphql","type":"next","id":"a1","reply_to":3,"latency":0.001000000,"operation":"subscription","operation_name":"OnCount","data":{"count":0}}"#
    )
    #expect(first.words == #"GraphQL next #a1 of subscription OnCount {"count":0}"#)
    let second = try #require(
      peers.text(
        #"{"id":"a1","type":"next","payload":{"data":null,"errors":[{"message":"late"}]}}"#, fromClient: false))
    #expect(second["reply_to"] == "3")
    #expect(second["latency"] == nil)
    #expect(second["errors[0].message"] == "late")
    let end = try #require(peers.text(#"{"id":"a1","type":"complete"}"#, fromClient: false))
    #expect(end.words == "GraphQL complete #a1 of subscription OnCount")
    #expect(try #require(peers.text(#"{"id":"a1","type":"complete"}"#, fromClient: false))["reply_to"] == nil)
    #expect(peers.faults.isEmpty)
  }

  @Test("an operation that fails at once, and one that the client ends")
  func ends() throws {
    let peers = ViewTester("graphql-transport-ws")
    _ = peers.text(#"{"id":"1","type":"subscribe","payload":{"query":"{ nothing }"}}"#)
    let error = try #require(
      peers.text(#"{"id":"1","type":"error","payload":[{"message":"Cannot query field"}]}"#, fromClient: false))
    #expect(error.replies == [ViewReply(label: "query {nothing}", request: 1, isError: true, latency: 1_000_000)])
    #expect(error.words == #"GraphQL error #1 of query {nothing} [{"message":"Cannot query field"}]"#)
    _ = peers.text(#"{"id":"2","type":"subscribe","payload":{"query":"subscription { x }"}}"#)
    let cancel = try #require(peers.text(#"{"id":"2","type":"complete"}"#))
    #expect(
      cancel.text == #"{"name":"graphql","type":"complete","id":"2","operation":"subscription","cancels":3}"#)
  }

  @Test("the older protocol, as AppSync has it too")
  func old() throws {
    let peers = ViewTester("graphql-ws")
    _ = peers.text(#"{"type":"connection_init","payload":{}}"#)
    #expect(peers.text(#"{"type":"ka"}"#, fromClient: false)?.words == "GraphQL ka")
    _ = peers.text(#"{"id":"1","type":"start","payload":{"query":"mutation { add }","operationName":null}}"#)
    #expect(
      peers.text(#"{"id":"1","type":"data","payload":{"data":{"add":1}}}"#, fromClient: false)?.words
        == #"GraphQL data #1 of mutation {add} {"add":1}"#)
    let appSync = try #require(
      peers.text(
        #"{"id":"2","type":"start","payload":{"data":"{\"query\":\"subscription S { s }\",\"variables\":{}}","extensions":{"authorization":{"host":"h"}}}}"#
      ))
    #expect(appSync["operation_name"] == "S")
    #expect(appSync["extensions.authorization.host"] == "h")
    #expect(peers.text(#"{"id":"2","type":"start_ack"}"#, fromClient: false)?["reply_to"] == "5")
    #expect(peers.faults.isEmpty)
    #expect(peers.text(#"{"id":"2","type":"subscribe","payload":{"query":"{a}"}}"#) != nil)
    #expect(peers.faults == ["GraphQL over WebSocket: subscribe is no message of graphql-ws"])
  }

  @Test("the newer protocol under the older name is told once, and read as it is")
  func newUnderOldName() throws {
    let peers = ViewTester("graphql-ws")
    var faults: [String] = []
    for (text, fromClient) in [
      (#"{"type":"connection_init"}"#, true), (#"{"type":"connection_ack"}"#, false),
      (#"{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}"#, true),
      (#"{"id":"1","type":"next","payload":{"data":{"a":1}}}"#, false), (#"{"type":"ping"}"#, false),
      (#"{"type":"pong"}"#, true), (#"{"id":"1","type":"complete"}"#, false),
    ] {
      #expect(peers.text(text, fromClient: fromClient)?.name == "graphql")
      faults += peers.faults
    }
    #expect(faults == ["GraphQL over WebSocket: subscribe is no message of graphql-ws"])
  }

  @Test("what is nested too deep for us is no fault")
  func deep() throws {
    let peers = ViewTester("graphql-ws")
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    let view = try #require(peers.text(#"{"id":"1","type":"start","payload":{"query":"{ a }","x":\#(deep)}}"#))
    #expect(view["type"] == "start" && view["cut"] == "true")
    #expect(peers.faults.isEmpty)
  }

  @Test("errors are a list, however they are written")
  func errors() throws {
    let peers = ViewTester("graphql-ws")
    for payload in [#"{"message":"x"}"#, #"[{"message":"x"}]"#, #"{"errors":[{"message":"x"}]}"#] {
      let view = try #require(peers.text(#"{"id":"1","type":"error","payload":\#(payload)}"#, fromClient: false))
      #expect(view["errors[0].message"] == "x")
      #expect(peers.faults.isEmpty)
    }
    _ = peers.text(#"{"type":"error","payload":{"errors":[{"message":"x"}]}}"#, fromClient: false)
    #expect(peers.faults.isEmpty)
    _ = peers.text(#"{"type":"error","payload":{"message":"x"}}"#, fromClient: false)
    #expect(peers.faults == ["GraphQL over WebSocket: error without an id"])
  }

  @Test("where nothing was agreed on, what GraphQL does not have is none of its messages")
  func strangers() {
    let peers = ViewTester(target: "/subscriptions")
    #expect(peers.text(#"{"type":"ping"}"#)?.name == "json")
    #expect(peers.text(#"{"type":"connection_init"}"#)?.name == "graphql")
    #expect(peers.text(#"{"type":"ping"}"#)?.name == "graphql")
    for text in [
      #"{"type":"subscribe","id":"1","channel":"/a"}"#, #"{"type":"subscribe","id":"1","payload":{"topic":"x"}}"#,
    ] {
      #expect(peers.text(text)?.name == "json")
      #expect(peers.faults.isEmpty)
    }
    #expect(peers.text(#"{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}"#)?.name == "graphql")
    let events = ViewTester("aws-appsync-event-ws")
    #expect(events.text(#"{"type":"connection_init"}"#)?.name == "json")
    #expect(events.text(#"{"type":"ka"}"#, fromClient: false)?.name == "json")
    #expect(events.text(#"{"type":"data","id":"1","event":["{}"]}"#, fromClient: false)?.name == "json")
    #expect(events.faults.isEmpty)
    let told = ViewTester(forced: "graphql")
    #expect(told.text(#"{"type":"subscribe","id":"1","payload":{"topic":"x"}}"#)?.name == "graphql")
  }

  @Test("a document is one to its end, or none")
  func wholeDocuments() {
    func isDocument(_ text: String) -> Bool { GraphQLDocument.isDocument(Array(text.utf8).span.bytes) }
    #expect(isDocument("{ hero { name } }"))
    #expect(isDocument(#"fragment F on T { a } query A($x: [In!] = {y: "}"}) @d { a(b: -1.5) ...F }"#))
    for text in [
      "hello { world", "hello { world }", "{ a", "query", "fragment F on T { a }", "{ } }", "{ a } x", "{a?}",
    ] {
      #expect(!isDocument(text), "\(text)")
    }
  }

  @Test("what breaks the rules is told")
  func malformed() {
    let peers = ViewTester("graphql-transport-ws")
    func faults(_ text: String, fromClient: Bool = true) -> [String] {
      _ = peers.text(text, fromClient: fromClient)
      return peers.faults.map { String($0.dropFirst("GraphQL over WebSocket: ".count)) }
    }
    #expect(faults(#"{"type":"connection_ack"}"#) == ["connection_ack is sent by servers"])
    #expect(
      faults(#"{"type":"subscribe","payload":{}}"#) == ["subscribe without an id", "an operation without a query"])
    #expect(faults(#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#) == ["the id is no string"])
    #expect(faults(#"{"type":"subscribe","id":"1"}"#) == ["subscribe without a payload"])
    #expect(faults(#"{"type":"hello"}"#) == ["unknown type of message: hello"])
    #expect(faults("[1]") == ["no message of this protocol"])
  }

  @Test("the operation of a document is found behind fragments, comments and strings")
  func documents() {
    func words(_ text: String, _ name: String? = nil) -> [String?] {
      let bytes = Array(text.utf8)
      let document = GraphQLDocument(bytes.span.bytes, named: name)
      return [document.operation, document.name, document.field]
    }
    #expect(words("{ hero { name } }") == ["query", nil, "hero"])
    #expect(words("# query X\n fragment query on T { a }\nsubscription S @live { b }") == ["subscription", "S", "b"])
    #expect(
      words(#"query A($x: In = {y: "}", z: """ " } """}) { a } mutation B { b }"#, "B") == ["mutation", "B", "b"])
    #expect(words(#"query ($x: [Int] = [1]) @a(b: "c") { d }"#) == ["query", nil, "d"])
    #expect(words("query") == ["query", nil, nil])
    #expect(words("") == [nil, nil, nil])
    #expect(words("}}}}{{{{ \"") == ["query", nil, nil])
  }
}
