import TestSupport
import Testing

@testable import Export

struct NDJSONExtensionTests {
  /// What the server answers, and what stands in `extensions`.
  static let answers: [(answer: String, json: String)] = [
    (
      "permessage-deflate",
      #"{"server_no_context_takeover":false,"client_no_context_takeover":false,"server_max_window_bits":15,"client_max_window_bits":15}"#
    ),
    (
      "permessage-deflate; server_max_window_bits=10; client_no_context_takeover",
      #"{"server_no_context_takeover":false,"client_no_context_takeover":true,"server_max_window_bits":10,"client_max_window_bits":15}"#
    ),
    (
      "permessage-deflate; server_max_window_bits=16; client_max_window_bits=08; colour=red",
      #"{"server_no_context_takeover":false,"client_no_context_takeover":false,"server_max_window_bits":16,"client_max_window_bits":"08","colour":"red"}"#
    ),
    (
      "permessage-deflate; client_max_window_bits",
      #"{"server_no_context_takeover":false,"client_no_context_takeover":false,"server_max_window_bits":15,"client_max_window_bits":null}"#
    ),
    ("x-webkit-deflate-frame; max_window_bits=99", #"{"no_context_takeover":false,"max_window_bits":99}"#),
    ("x; y=1", #"{"y":"1"}"#),
  ]

  @Test("window bits that are not allowed stay as they are", arguments: answers)
  func asTheyAre(answer: String, json: String) throws {
    var talk = Conversation()
    talk.handshake(answer: "Sec-WebSocket-Extensions: \(answer)\r\n")
    let line = String(decoding: try #require(try Output(talk).lines.dropFirst().first), as: UTF8.self)
    #expect(line.contains(json), "\(line)")
    try SchemaTests.expectFit(try Output(talk))
  }
}
