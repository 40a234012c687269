import Testing

@testable import Subprotocols

/// The examples of the documentation (https://protobuf.dev/programming-guides/encoding/), and messages of real programs.
struct ProtobufTests {
  private func fields(_ bytes: [UInt8]) -> String? { ViewTester(forced: "protobuf").binary(bytes)?["fields"] }

  static let examples: [(String, String)] = [
    ("089601", #"{"1":150}"#), ("12 07 74 65 73 74 69 6e 67", #"{"2":"testing"}"#),
    ("1a 03 08 96 01", #"{"3":{"1":150}}"#),
    ("08 fe ff ff ff ff ff ff ff ff 01", #"{"1":-2}"#), ("0d 0000803f", #"{"1":1.0}"#),
    ("09 000000000000f83f", #"{"1":1.5}"#), ("0d ffffffff", #"{"1":4294967295}"#),
    ("22 05 68 65 6c 6c 6f 28 01 28 02 28 03", #"{"4":"hello","5":[1,2,3]}"#),
    ("32 03 ff8001", #"{"6":{"base64":"/4AB"}}"#),
    ("10 05 08 01", #"{"1":1,"2":5}"#), ("0a00", #"{"1":""}"#),
    ("0a 02 08 01 12 01 78 0a 02 08 02", #"{"1":[{"1":1},{"1":2}],"2":"x"}"#),
    ("8a 80 01 01 61", #"{"2049":"a"}"#), ("", "{}"), ("08 8000", #"{"1":0}"#), ("0b 0c", #"{"1":{}}"#),
    ("0b 10 05 1b 08 01 1c 0c 10 07", #"{"1":{"2":5,"3":{"1":1}},"2":7}"#),
  ]

  @Test("fields are shown by their numbers", arguments: examples)
  func fields(_ example: (String, String)) { #expect(fields(hex(example.0)) == example.1) }

  @Test(
    "what is no message is none",
    arguments: [
      "00", "07", "08", "0896", "0b", "0b14", "0b1b0c1c", "12077465", "08 ffffffffffffffffff7f", "0d0000", "c2f0090801",
    ])
  func malformed(_ text: String) { #expect(fields(hex(text)) == nil) }

  @Test("the guess says how sure it is, and a few bytes are not enough")
  func likelihood() throws {
    // A person as in the tutorial: name, id, email, phone.
    let person = hex("0a 03 416e6e 10 d209 1a 0d 616e6e406d61696c2e6578616d 22 0c 0a 08 3535352d34333231 10 01")
    let view = try #require(ViewTester().binary(person))
    #expect(view.name == "protobuf")
    #expect(view.confidence == 0.9)
    #expect(view["inferred"] == "true")
    #expect(view.words.hasPrefix(#"Protocol Buffers {"1":"Ann","2":1234,"3":"#))
    #expect(ViewTester().binary(hex("0801")) == nil)
    #expect(ViewTester().binary(hex("08011002")) == nil)
    #expect(ViewTester().read(person, isText: false, isWhole: false) == nil)
  }

  @Test("hostile nesting and numbers of fields have limits")
  func hostile() throws {
    var nested: [UInt8] = [8, 1]
    for _ in 0..<40 { nested = [0x0A, UInt8(nested.count)] + nested }
    #expect(fields(nested)?.contains("base64") == true)
    let many = [UInt8](repeating: 8, count: 60_000)
    #expect(ViewTester(forced: "protobuf").binary(many)?["cut"] == "true")
    #expect(fields([UInt8](repeating: 0x0B, count: 100_000)) == nil)
    var wide: [UInt8] = []
    for _ in 0..<9000 { wide += [0x0A, 2, 8, 1] }
    #expect(ViewTester(forced: "protobuf").binary(wide) != nil)
  }
}
