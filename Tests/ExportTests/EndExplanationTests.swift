import Bytes
import Capture
import TestSupport
import Testing
import WebSocket

@testable import Analysis
@testable import Export

/// A conversation after its upgrade, and what its end record must say in words.
struct EndCase: Sendable, CustomTestStringConvertible {
  typealias Talk = ConversationBuilder

  var sentence: String
  var tell: @Sendable (inout Talk) -> Void

  init(_ sentence: String, _ tell: @escaping @Sendable (inout Talk) -> Void) {
    self.sentence = sentence
    self.tell = tell
  }

  var testDescription: String { sentence }

  var record: EndRecord? {
    var talk = Talk.upgraded()
    tell(&talk)
    return analyze(talk.packets).ends.first
  }

  static let all: [EndCase] = withClose + withoutClose + open + uncertain

  // MARK: With a Close frame

  static let withClose: [EndCase] = [
    EndCase("server closed: 1011 internal error 'db down', 60.0 s after the last message") { talk in
      talk.frame(.client, .text, "hello")
      talk.wait(60 - 0.002)
      talk.close(.server, 1011, "db down")
    },
    EndCase("server closed: 1011 internal error 'db down'") { talk in
      talk.frame(.client, .text, "hello")
      talk.close(.server, 1011, "db down")
    },
    EndCase("client closed: 1001 going away, 5.0 s after the handshake") { talk in
      talk.wait(5)
      talk.close(.client, 1001)
    },
    EndCase("client closed: 1001 going away, server answered: 1000 normal closure 'ok'") { talk in
      talk.frame(.client, .close, Talk.closeBody(1001))
      talk.frame(.server, .close, Talk.closeBody(1000, "ok"))
    },
    EndCase("client closed: no code, server answered: 1000 normal closure") { talk in
      talk.frame(.client, .close)
      talk.frame(.server, .close, Talk.closeBody(1000))
    },
    EndCase("server closed: 1001 going away, client sent no Close: TCP FIN from the client") { talk in
      talk.frame(.server, .close, Talk.closeBody(1001))
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("client closed: 1000 normal closure, server sent no Close: TCP RST from the server") { talk in
      talk.frame(.client, .close, Talk.closeBody(1000))
      talk.reset(.server)
    },
    EndCase("server closed: 1000 normal closure, client sent no Close: TCP RST from the client") { talk in
      talk.frame(.server, .close, Talk.closeBody(1000))
      talk.finish(.server)
      talk.reset(.client)
    },
    EndCase("client closed: 1000 normal closure, no answer before the capture ended") { talk in
      talk.frame(.client, .close, Talk.closeBody(1000))
    },
  ]

  // MARK: Without

  static let withoutClose: [EndCase] = [
    EndCase("no Close frame: TCP FIN from the server") { talk in
      talk.frame(.server, .text, "hello")
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("no Close frame: TCP FIN from the server, in the middle of a message of the client") { talk in
      talk.say(.client, Array(Talk.frame(from: .client, .text, Array("hello".utf8)).dropLast(2)))
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("no Close frame: TCP FIN from the client, in the middle of a message of the server") { talk in
      talk.frame(.server, .text, "begun", isFinal: false)
      talk.finish(.client)
      talk.finish(.server)
    },
    EndCase("no Close frame: TCP FIN from the client, in the middle of a frame of the client") { talk in
      talk.say(.client, [0x89])
      talk.finish(.client)
      talk.finish(.server)
    },
    EndCase("no Close frame: TCP RST from the client, 30.0 s after the last message") { talk in
      talk.frame(.server, .text, "hello")
      talk.wait(30 - 0.002)
      talk.reset(.client)
    },
    EndCase("no Close frame: TCP RST from the client, 3.2 s after a ping that the client did not answer") { talk in
      talk.frame(.server, .ping, "one")
      talk.frame(.client, .pong, "one")
      talk.frame(.server, .ping, "two")
      talk.wait(3.2)
      talk.reset(.client)
    },
    EndCase("no Close frame: TCP FIN from the server, 40.0 s after the first of 2 pings that the client did not answer")
    { talk in
      talk.frame(.server, .ping, "one")
      talk.wait(20)
      talk.frame(.server, .ping, "two")
      talk.wait(20)
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("no Close frame: TCP RST from the client after FIN from the server") { talk in
      talk.frame(.server, .text, "hello")
      talk.finish(.server)
      talk.reset(.client)
    },
    EndCase("no Close frame: TCP FIN from the server") { talk in  // the last ping was on its way, perhaps
      talk.frame(.server, .ping, "one")
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("no end was seen: a new connection between the same ends began") { talk in
      talk.frame(.server, .text, "hello")
      var reuse = Talk(initial: [900_000, 800_000], clock: talk.clock)
      reuse.open()
      talk.packets += reuse.packets
    },
  ]

  // MARK: Still open

  static let open: [EndCase] = [
    EndCase("still open when the capture ended") { $0.frame(.client, .text, "hello") },
    EndCase("half open when the capture ended, after FIN from the client") { $0.finish(.client) },
    EndCase("server closed: 1000 normal closure, no answer before the capture ended") { talk in
      talk.frame(.server, .close, ConversationBuilder.closeBody(1000))
      talk.finish(.server)
    },
    EndCase("still open when the capture ended, idle for 12.0 s") { talk in
      talk.frame(.client, .text, "hello")
      talk.wait(12)
      var other = Talk(client: .init(PacketBuilder.client.address, port: 9), clock: talk.clock)
      other.open()
      talk.packets += other.packets
    },
    EndCase("still open when the capture ended, idle for 12.0 s, 1 ping of the server unanswered") { talk in
      talk.frame(.client, .text, "hello")
      talk.frame(.server, .ping, "there?")
      talk.wait(12 - 0.004)
      talk.packet(.server, .ack)
    },
    EndCase("still open when the capture ended, in the middle of a message of the server") { talk in
      talk.frame(.server, .text, "begun", isFinal: false)
    },
  ]

  // MARK: What the capture does not tell

  static let uncertain: [EndCase] = [
    EndCase("no Close frame in what was captured: TCP FIN from the server") { talk in
      talk.lose(.server, 40)
      talk.finish(.server)
      talk.finish(.client)
    },
    EndCase("client closed: 1000 normal closure; the capture does not tell who was first") { talk in
      talk.lose(.server, 40)
      talk.close(.client)
    },
    EndCase("client closed: the capture lacks a part of the Close frame, server answered: 1000 normal closure") {
      talk in
      let close = Talk.frame(from: .client, .close, Talk.closeBody(1000, "a long reason"))
      talk.say(.client, Array(close[..<8]))
      talk.lose(.client, 4)
      talk.say(.client, Array(close[12...]))
      talk.frame(.server, .close, Talk.closeBody(1000))
      talk.finish(.server)
      talk.finish(.client)
    },
  ]
}

extension ConversationBuilder {
  /// Nothing happens for so many seconds.
  fileprivate mutating func wait(_ seconds: Double) {
    clock = Timestamp(nanoseconds: clock.nanoseconds + Int64((seconds * 1e9).rounded()))
  }
}

@Suite("How a connection ended, in one sentence")
struct EndExplanationTests {
  @Test("is true of what was captured", arguments: EndCase.all)
  func sentence(_ example: EndCase) throws {
    #expect(EndExplanation.sentence(try #require(example.record)) == example.sentence)
  }

  @Test("what a peer wrote is escaped where it may drive a terminal, and stays as it is in JSON")
  func escaped() throws {
    let example = EndCase("") { $0.close(.server, 4000, "a\u{1B}[2J'\u{202E}") }
    let record = try #require(example.record)
    #expect(EndExplanation.sentence(record) == "server closed: 4000 private use 'a\u{1B}[2J'\u{202E}'")
    var story = Story(TextExporter.self)
    story.exporter.end(record)
    #expect(story.lines.allSatisfy { columns(of: $0) != nil })
    var tree = Story(TreeExporter.self)
    tree.exporter.end(record)
    #expect(tree.lines.allSatisfy { columns(of: $0) != nil })
  }

  @Test("a reason that is not UTF-8 is spelled out")
  func invalidReason() throws {
    let example = EndCase("") { $0.frame(.server, .close, [0x03, 0xE8, 0x43, 0xE8]) }
    let record = try #require(example.record)
    let sentence = #"server closed: 1000 normal closure 'C\xe8'"#
    #expect(LosslessText.spelled(EndExplanation.sentence(record)).hasPrefix(sentence))
    var text = Story(TextExporter.self)
    text.exporter.end(record)
    #expect(text.lines.joined().contains(sentence))
    var json = Story(NDJSONExporter.self)
    json.exporter.end(record)
    #expect(json.lines.joined().contains(sentence.replacing("\\", with: "\\\\")))
  }
}
