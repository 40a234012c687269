import Testing

@testable import Subprotocols

/// Values of all formats of the specification (https://github.com/msgpack/msgpack/blob/master/spec.md).
struct MessagePackReaderTests {
  static let examples: [(String, String)] = [
    ("82a7636f6d70616374c3a6736368656d6100", #"{"compact":true,"schema":0}"#), ("7f", "127"), ("e0", "-32"),
    ("ff", "-1"),
    ("c0", "null"), ("c2", "false"), ("cc80", "128"), ("cdffff", "65535"), ("ceffffffff", "4294967295"),
    ("cfffffffffffffffff", #""18446744073709551615""#), ("cf0020000000000000", "9007199254740992"), ("d080", "-128"),
    ("d17fff", "32767"), ("d18000", "-32768"), ("d280000000", "-2147483648"),
    ("d38000000000000000", #""-9223372036854775808""#),
    ("d3ffffffffffffffff", "-1"), ("ca3fc00000", "1.5"), ("cb3ff199999999999a", "1.1"),
    ("cb7ff0000000000000", #""inf""#),
    ("a0", #""""#), ("a3e6b0b4", #""水""#), ("d903616263", #""abc""#), ("da0003616263", #""abc""#),
    ("db00000003616263", #""abc""#),
    ("a2c328", #"{"base64":"wyg="}"#), ("c403010203", #"{"base64":"AQID"}"#), ("c50001ff", #"{"base64":"/w=="}"#),
    ("c60000000100", #"{"base64":"AA=="}"#), ("90", "[]"), ("9301c0a178", #"[1,null,"x"]"#), ("dc000201c3", "[1,true]"),
    ("dd00000001c2", "[false]"), ("80", "{}"), ("81a16181a16290", #"{"a":{"b":[]}}"#), ("de000101a161", #"{"1":"a"}"#),
    ("df00000001c003", #"{"null":3}"#), ("81e001", #"{"-32":1}"#), ("81920102c0", #"{"0x920102":null}"#),
    ("81c403ff6162c3", #"{"%FFab":true}"#), ("d40105", #"{"ext":1,"data":{"base64":"BQ=="}}"#),
    ("c7020a0102", #"{"ext":10,"data":{"base64":"AQI="}}"#), ("c8000180ff", #"{"ext":-128,"data":{"base64":"/w=="}}"#),
    ("d6ff00000000", #""1970-01-01T00:00:00Z""#), ("d6ff5c2aad80", #""2019-01-01T00:00:00Z""#),
    ("d7ff00000004 5e5b2880", #""2020-03-01T03:14:08.000000001Z""#),
    ("c70cff0000000affffffffffffffff", #""1969-12-31T23:59:59.000000010Z""#),
    ("d6ff56d3f3ff", #""2016-02-29T07:32:15Z""#),
    ("c70cff3b9aca000000000000000000", #"{"ext":-1,"data":{"base64":"O5rKAAAAAAAAAAAA"}}"#),
    ("c70cff00000000 7fffffffffffffff", #"{"ext":-1,"data":{"base64":"AAAAAH//////////"}}"#),
  ]

  @Test("every format is read as it is meant, and is not complete without its last byte", arguments: examples)
  func formats(_ example: (String, String)) {
    let bytes = hex(example.0)
    let shown = MessagePackReader.shown(bytes)
    #expect(shown.json == example.1)
    #expect(shown.end == bytes.count)
    for end in 0..<bytes.count {
      let part = Array(bytes[..<end])
      #expect(MessagePackReader.shown(part).end == nil)
      #expect(MessagePackReader.end(of: part) == nil)
    }
  }

  @Test("times are right on all days of 800 years")
  func days() {
    var (year, month, day) = (1599, 12, 31)
    for number in -135_140...157_054 {
      day += 1
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let last = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
      if day > last { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
      let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T00:00:01Z"
      guard DataTime.text(Int128(number * 86_400 + 1) * 1_000_000_000) == text else {
        Issue.record("\(number): \(text)")
        return
      }
    }
  }

  @Test("elements of an array, and values of a map, are found without reading the rest twice")
  func parts() throws {
    let bytes = hex("94 01 a161 82 a16b 9101 a26b32 c3 80")
    let (ranges, end) = try #require(MessagePackReader.elements(of: bytes))
    #expect(ranges == [1..<2, 2..<4, 4..<13, 13..<14])
    #expect(end == 14)
    #expect(MessagePackReader.value("k2", of: bytes, from: 4) == 12..<13)
    #expect(MessagePackReader.value("k", of: bytes, from: 4) == 7..<9)
    #expect(MessagePackReader.value("no", of: bytes, from: 4) == nil)
    let cut = try #require(MessagePackReader.elements(of: Array(bytes.prefix(9))))
    #expect(cut.ranges == [1..<2, 2..<4])
    #expect(cut.end == nil)
    #expect(MessagePackReader.elements(of: hex("81").span.bytes) == nil)
  }

  @Test("hostile counts and depths cost nothing")
  func hostile() {
    #expect(MessagePackReader.shown(hex("ddffffffff")).end == nil)
    #expect(MessagePackReader.shown(hex("dfffffffff a161")).json == #"{"a":null}"#)
    #expect(MessagePackReader.shown([UInt8](repeating: 0x91, count: 1 << 20)).end == nil)
    #expect(MessagePackReader.shown([UInt8](repeating: 0x81, count: 1 << 20)).end == nil)
    #expect(MessagePackReader.shown(hex("dbffffffff")).end == nil)
  }

  @Test("a message is shown as MessagePack if it is a map with names, and a lone number is not")
  func kind() throws {
    let peers = ViewTester()
    let view = try #require(peers.binary(hex("82a7636f6d70616374c3a6736368656d6100")))
    #expect(view.name == "msgpack")
    #expect(view["value.compact"] == "true")
    #expect(view.words == #"MessagePack {"compact":true,"schema":0}"#)
    for lone in ["05", "c0", "80", "90", "a161", "d905"] { #expect(peers.binary(hex(lone)) == nil) }
    #expect(peers.binary(hex("82a7636f6d70616374c3a6736368656d610000")) == nil)
  }
}
