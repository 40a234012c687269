import Testing

@testable import Subprotocols

/// The examples of RFC 8949: appendix A, and those of appendix F that are not well-formed.
struct CBORReaderTests {
  static let examples: [(String, String)] = [
    ("00", "0"), ("01", "1"), ("0a", "10"), ("17", "23"), ("1818", "24"), ("1819", "25"), ("1864", "100"),
    ("1903e8", "1000"), ("1a000f4240", "1000000"), ("1b000000e8d4a51000", "1000000000000"),
    ("1bffffffffffffffff", #""18446744073709551615""#), ("c249010000000000000000", #""18446744073709551616""#),
    ("3bffffffffffffffff", #""-18446744073709551616""#), ("c349010000000000000000", #""-18446744073709551617""#),
    ("20", "-1"), ("29", "-10"), ("3863", "-100"), ("3903e7", "-1000"), ("f90000", "0.0"), ("f98000", "-0.0"),
    ("f93c00", "1.0"), ("fb3ff199999999999a", "1.1"), ("f93e00", "1.5"), ("f97bff", "65504.0"),
    ("fa47c35000", "100000.0"), ("fa7f7fffff", "3.4028234663852886e+38"), ("fb7e37e43c8800759c", "1e+300"),
    ("f90001", "5.960464477539063e-08"), ("f90400", "6.103515625e-05"), ("f9c400", "-4.0"),
    ("fbc010666666666666", "-4.1"), ("f97c00", #""inf""#), ("f97e00", #""nan""#), ("f9fc00", #""-inf""#),
    ("fa7f800000", #""inf""#), ("fb7ff8000000000000", #""nan""#), ("f4", "false"), ("f5", "true"), ("f6", "null"),
    ("f7", "null"), ("f0", #"{"simple":16}"#), ("f8ff", #"{"simple":255}"#),
    ("c074323031332d30332d32315432303a30343a30305a", #"{"tag":0,"value":"2013-03-21T20:04:00Z"}"#),
    ("c11a514b67b0", #"{"tag":1,"value":1363896240}"#), ("d74401020304", #"{"tag":23,"value":{"base64":"AQIDBA=="}}"#),
    ("d818456449455446", #"{"tag":24,"value":{"base64":"ZElFVEY="}}"#), ("40", #"{"base64":""}"#),
    ("4401020304", #"{"base64":"AQIDBA=="}"#), ("60", #""""#), ("6161", #""a""#), ("6449455446", #""IETF""#),
    ("62225c", #""\"\\""#), ("62c3bc", #""ü""#), ("63e6b0b4", #""水""#), ("64f0908591", #""𐅑""#), ("80", "[]"),
    ("83010203", "[1,2,3]"), ("8301820203820405", "[1,[2,3],[4,5]]"),
    (
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"
    ),
    ("a0", "{}"), ("a201020304", #"{"1":2,"3":4}"#), ("a26161016162820203", #"{"a":1,"b":[2,3]}"#),
    ("826161a161626163", #"["a",{"b":"c"}]"#), ("5f42010243030405ff", #"{"base64":"AQIDBAU="}"#),
    ("7f657374726561646d696e67ff", #""streaming""#), ("9fff", "[]"), ("9f018202039f0405ffff", "[1,[2,3],[4,5]]"),
    ("83018202039f0405ff", "[1,[2,3],[4,5]]"), ("bf61610161629f0203ffff", #"{"a":1,"b":[2,3]}"#),
    ("826161bf61626163ff", #"["a",{"b":"c"}]"#), ("bf6346756ef563416d7421ff", #"{"Fun":true,"Amt":-2}"#),
    ("a18201024103", #"{"0x820102":{"base64":"Aw=="}}"#), ("a2f501fb3ff199999999999a02", #"{"true":1,"1.1":2}"#),
  ]

  @Test("the examples of appendix A are read as they are meant", arguments: examples)
  func appendixA(_ example: (String, String)) {
    let bytes = hex(example.0)
    let shown = CBORReader.shown(bytes)
    #expect(shown.json == example.1)
    #expect(shown.end == bytes.count)
    for end in 0..<bytes.count {
      let part = Array(bytes[..<end])
      #expect(CBORReader.shown(part).end == nil)
      #expect(CBORReader.end(of: part) == nil)
    }
  }

  static let malformed = """
    18 19 1a 1b 1901 1a0102 1b01020304050607 38 58 78 98 9a01ff00 b8 d8 f8 f900 fa0000 fb000000 41 61 5affffffff00
    5bffffffffffffffff010203 7affffffff00 7b7fffffffffffffff010203 81 818181818181818181 8200 a1 a20102 a100 a2000000 c0
    5f4100 7f6100 9f 9f0102 bf bf01020102 819f 9f8000 9f9f9f9f9fffffffff 9f819f819f9fffffff 1c 1d 1e 3c 3d 3e 5c 5d 5e 7c
    7d 7e 9c 9d 9e bc bd be dc dd de fc fd fe f800 f801 f818 f81f 5f00ff 5f21ff 5f6100ff 5f80ff 5fa0ff 5fc000ff 5fe0ff
    7f4100ff 5f5f4100ffff 7f7f6100ffff ff 81ff 8200ff a1ff a1ff00 a100ff a20000ff 9f81ff 9f829f819f9fffffffff bf00ff
    bf000000ff 1f 3f df
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  @Test("what appendix F calls not well-formed is told, and shown as far as it goes", arguments: malformed)
  func appendixF(_ text: String) {
    let bytes = hex(text)
    #expect(CBORReader.end(of: bytes) == nil)
    #expect(CBORReader.shown(bytes).end == nil)
    #expect(ViewTester().binary(bytes) == nil)
  }

  @Test("depth has a limit")
  func depth() {
    #expect(CBORReader.end(of: [UInt8](repeating: 0x81, count: 512) + [0]) == 513)
    let deep = [UInt8](repeating: 0x81, count: 513) + [0]
    var walker = DataWalker<CBORReader>(from: 0)
    while walker.next(deep.span.bytes) != nil {}
    #expect(walker.fault == .tooDeep)
    #expect(CBORReader.shown([UInt8](repeating: 0xD8, count: 100_000)).end == nil)
    // Too deep within a key.
    #expect(CBORReader.shown([0xA1] + deep).json.hasSuffix(#"":null}"#))
  }

  @Test("what is nested deep is no fault, but left out", arguments: [64, 65, 512, 513, 5000])
  func deep(_ depth: Int) throws {
    for (name, byte) in [("cbor", UInt8(0x81)), ("msgpack", 0x91)] {
      let peers = ViewTester(name)
      let view = try #require(peers.binary([UInt8](repeating: byte, count: depth) + [0]))
      #expect(peers.faults.isEmpty)
      #expect(view["cut"] == (depth > 64 ? "true" : nil))
      #expect(view.text.count < 500)
    }
  }

  @Test("keys that JSON would not tell apart get numbers")
  func keys() throws {
    let peers = ViewTester("cbor")
    // 1, "1", b"1", "1", {1: 1}
    let view = try #require(peers.binary(hex("a5 01 0a 6131 0b 4131 0c 6131 0d 02 a1 01 0e")))
    #expect(view["value"] == #"{"1":10,"1 (2)":11,"1 (3)":12,"1 (4)":13,"2":{"1":14}}"#)
    #expect(peers.faults.isEmpty)
    let many = [UInt8(0xBF)] + [[UInt8]](repeating: [0x61, 0x61, 0], count: 20_000).joined() + [0xFF]
    #expect(try #require(peers.binary(many)).text.contains(#""a (20000)":0"#))
  }

  @Test("text that is not UTF-8 is a fault of CBOR, and shown as bytes")
  func notUTF8() throws {
    for text in ["62c328", "81 62c328", "7f 61c3 61a9 ff", "a1 61ff 01"] {
      let peers = ViewTester("cbor")
      #expect(peers.binary(hex(text)) != nil)
      #expect(peers.faults == ["RFC 8949: a text that is not UTF-8"], "\(text)")
    }
    #expect(ViewTester("cbor").binary(hex("62c328"))?["value.base64"] == "wyg=")
    let packed = ViewTester("msgpack")
    #expect(packed.binary(hex("a2c328")) != nil)
    #expect(packed.faults.isEmpty)
  }

  @Test("a message is shown as CBOR if it is a map with names, and a lone number is not")
  func kind() throws {
    let peers = ViewTester()
    let view = try #require(peers.binary(hex("bf6346756ef563416d7421ff")))
    #expect(view.name == "cbor")
    #expect(view["value"] == #"{"Fun":true,"Amt":-2}"#)
    #expect(view.words == #"CBOR {"Fun":true,"Amt":-2}"#)
    #expect(peers.binary(hex("00")) == nil)
    #expect(peers.binary(hex("a0")) == nil)
    #expect(peers.binary(hex("a1616101 00")) == nil)
  }

  @Test("several maps with names in one message are recognised, small values behind one are not")
  func several() throws {
    let map = hex("a2646e616d6563416e6e636167650c")
    #expect(ViewTester().binary(map)?.name == "cbor")
    let view = try #require(ViewTester().binary(map + map))
    #expect(view.name == "cbor")
    #expect(view["more"] == #"[{"name":"Ann","age":12}]"#)
    for rest in ["00", "a0", "80", "6161", "ff", "a26161"] {
      #expect(ViewTester().binary(map + hex(rest))?.name != "cbor", "\(rest)")
    }
  }

  @Test("agreed on by name, every value counts, also several, and faults are told")
  func agreed() throws {
    let peers = ViewTester("cbor")
    #expect(try #require(peers.binary(hex("00"))).text == #"{"name":"cbor","value":0}"#)
    let view = try #require(peers.binary(hex("00 6161 80")))
    #expect(view.text == #"{"name":"cbor","value":0,"more":["a",[]]}"#)
    #expect(try #require(peers.binary(hex("a16161"))).text == #"{"name":"cbor","value":{"a":null}}"#)
    #expect(peers.faults == ["RFC 8949: it ends within a value"])
    #expect(try #require(peers.binary(hex("c1"))).text == #"{"name":"cbor","value":{"tag":1,"value":null}}"#)
    #expect(peers.read(hex("a16161"), isText: false, isWhole: false) != nil)
    #expect(peers.faults.isEmpty)
  }
}
