import Testing

@testable import Subprotocols

/// Messages as Rails has them (https://guides.rubyonrails.org/action_cable_overview.html).
struct ActionCableTests {
  static let subscribe = #"{"command":"subscribe","identifier":"{\"channel\":\"ChatChannel\",\"room\":\"Best Room\"}"}"#
  static let confirm =
    #"{"identifier":"{\"channel\":\"ChatChannel\",\"room\":\"Best Room\"}","type":"confirm_subscription"}"#

  @Test("a subscription is asked for and confirmed; the identifier is shown as the JSON that it holds")
  func subscription() throws {
    let peers = ViewTester("actioncable-v1-json")
    #expect(peers.text(#"{"type":"welcome"}"#, fromClient: false)?.words == "Action Cable welcome")
    let command = try #require(peers.text(Self.subscribe))
    #expect(
      command.text
        == #"{"name":"actioncable","command":"subscribe","channel":"ChatChannel","identifier":{"channel":"ChatChannel","room":"Best Room"}}"#
    )
    #expect(command.words == "Action Cable subscribe ChatChannel")
    #expect(command.requests == [ViewRequest(label: "ChatChannel")])
    let answer = try #require(peers.text(Self.confirm, fromClient: false))
    #expect(answer["type"] == "confirm_subscription" && answer["reply_to"] == "2")
    _ = peers.text(Self.subscribe)
    let no = try #require(
      peers.text(Self.confirm.replacing("confirm", with: "reject"), fromClient: false))
    #expect(no.replies.first?.isError == true)
  }

  @Test("messages of both ends show what they hold")
  func messages() throws {
    let peers = ViewTester("actioncable-v1-json")
    let call = try #require(
      peers.text(
        #"{"command":"message","identifier":"{\"channel\":\"C\"}","data":"{\"text\":\"hi\",\"action\":\"speak\"}"}"#))
    #expect(call["action"] == "speak" && call["data.text"] == "hi")
    #expect(call.words == #"Action Cable message C {"text":"hi","action":"speak"}"#)
    let news = try #require(
      peers.text(#"{"identifier":"{\"channel\":\"C\"}","message":{"body":"hi"}}"#, fromClient: false))
    #expect(news["type"] == "message" && news["channel"] == "C" && news.words == #"Action Cable C {"body":"hi"}"#)
    #expect(peers.text(#"{"type":"ping","message":1700000000}"#, fromClient: false)?["message"] == "1700000000")
    let end = try #require(
      peers.text(#"{"type":"disconnect","reason":"unauthorized","reconnect":false}"#, fromClient: false))
    #expect(end["reason"] == "unauthorized" && end["reconnect"] == "false")
  }

  @Test("it is recognised by the identifier, and other JSON is not taken for it")
  func recognition() {
    #expect(ViewTester().text(Self.subscribe)?["name"] == "actioncable")
    #expect(ViewTester().text(#"{"type":"welcome"}"#)?["name"] == "json")
    #expect(ViewTester(target: "/cable").text(#"{"type":"welcome"}"#, fromClient: false)?["name"] == "actioncable")
    #expect(ViewTester().text(#"{"command":"subscribe","identifier":"news"}"#)?["name"] == "json")
  }

  @Test("an identifier may be anything, and a command without one is told of")
  func faults() throws {
    let peers = ViewTester("actioncable-v1-json")
    #expect(peers.text(#"{"command":"subscribe","identifier":"{\"channel\":"}"#)?["identifier"] == #"{\"channel\":"#)
    #expect(peers.faults == ["actioncable-v1-json: an identifier that is no JSON"])
    for bad in [
      #"{"command":"bogus","identifier":"{}"}"#, #"{"type":"bogus"}"#, #"{"command":"message","identifier":"{}"}"#,
      #"{"command":"pong"}"#,
    ] {
      _ = peers.text(bad)
      #expect(peers.faults.count >= 1, "\(bad)")
    }
    _ = peers.text(#"{"command":"subscribe"}"#)
    #expect(peers.faults == ["actioncable-v1-json: a command without an identifier"])
    _ = peers.text(#"{"command":"subscribe","identifier":"x""#)
    #expect(peers.faults == ["actioncable-v1-json: the message is no JSON"])
    _ = peers.text(#"[1]"#)
    #expect(peers.faults == ["actioncable-v1-json: no message of this protocol"])
  }

  @Test("AnyCable's extension is no fault")
  func extended() {
    let peers = ViewTester("actioncable-v1-ext-json", target: "/cable")
    let identifier = #""identifier":"{\"channel\":\"C\"}""#
    for text in [
      #"{"type":"welcome","sid":"abc"}"#, #"{"command":"pong"}"#, #"{"type":"confirm_history",\#(identifier)}"#,
      #"{"command":"history",\#(identifier),"history":{"since":1}}"#, #"{"command":"whisper",\#(identifier),"data":1}"#,
    ] {
      #expect(peers.text(text)?["name"] == "actioncable", "\(text)")
      #expect(peers.faults.isEmpty, "\(text)")
    }
  }

  @Test("other applications have URLs that end with /cable, pings, and commands")
  func neighbours() {
    let peers = ViewTester(target: "/api/cable")
    for text in [#"{"type":"ping","message":5}"#, #"{"command":"move","x":1}"#, #"{"type":"update"}"#] {
      #expect(peers.text(text)?["name"] == "json", "\(text)")
      #expect(peers.faults.isEmpty, "\(text)")
    }
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2])
  func mutations(_ seed: UInt64) {
    mutate(
      [
        Self.subscribe, Self.confirm, #"{"type":"ping","message":1700000000}"#,
        #"{"command":"message","identifier":"{\"channel\":\"C\"}","data":"{\"text\":\"hi\",\"action\":\"speak\"}"}"#,
      ], seed, ViewTester("actioncable-v1-json"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort([Self.subscribe, Self.confirm], after: [#"{"type":"welcome"}"#]) { ViewTester("actioncable-v1-json") }
  }
}
