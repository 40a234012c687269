import Testing

@testable import Subprotocols

/// Payloads that are changed, cut and mixed: whatever comes of them is JSON on one line, and no view fails.
struct MutatedPayloadTests {
  private static let payloads: [[UInt8]] =
    (MessagePackReaderTests.examples + CBORReaderTests.examples + ProtobufTests.examples).map { hex($0.0) }
    + FilePayloadTests.files.map { hex($0.0) } + CompressedTests.stream + [CompressedTests.nested, CompressedTests.rpc]
    + WAMPTests.session.flatMap { message in
      WAMPTests.encodings.map { WAMPTests.content(message.json, $0) }
    }

  @Test(
    "changed payloads do no harm to any view of formats",
    arguments: ["msgpack", "cbor", "protobuf", "gzip", "zlib", "zlibstream", "image", "wamp", ""])
  func mutated(_ name: String) {
    mutate(Self.payloads, 20_261_120, ViewTester(forced: name.isEmpty ? nil : name), rounds: 1000)
  }

  @Test("nor to a session of WAMP", arguments: WAMPTests.encodings)
  func session(_ name: String) {
    let messages = WAMPTests.session.map { WAMPTests.content($0.json, name) }
    mutate(messages, 7, ViewTester(name), rounds: 1000)
  }
}
