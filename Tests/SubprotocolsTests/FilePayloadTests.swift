import Bytes
import Testing

@testable import Subprotocols

/// Files in messages, by the bytes that they begin with.
struct FilePayloadTests {
  /// The first bytes of real files, what they are, and how large their picture is.
  static let files: [(String, String, String?)] = [
    (
      "89504e470d0a1a0a0000000d494844520000014000000 0c80802000000",
      #"{"name":"image","format":"png","width":320,"height":200}"#, "image png 320×200"
    ),
    (
      "474946383961 40 01 c8 00 f7 00 00", #"{"name":"image","format":"gif","width":320,"height":200}"#,
      "image gif 320×200"
    ),
    (
      "52494646 24000000 57454250 56503820 18000000 30010 09d012a 4001c800 0000",
      #"{"name":"image","format":"webp","width":320,"height":200}"#, nil
    ),
    (
      "52494646 24000000 57454250 5650384c 18000000 2f 3fc13100 0000000000",
      #"{"name":"image","format":"webp","width":320,"height":200}"#, nil
    ),
    (
      "52494646 24000000 57454250 56503858 0a000000 10000000 3f0100 c70000 0000",
      #"{"name":"image","format":"webp","width":320,"height":200}"#, nil
    ),
    (
      "ffd8ffe000104a46494600010101006000600000 ffdb000400 00 ffc00011080 0c8014003012200",
      #"{"name":"image","inferred":true,"confidence":0.95,"format":"jpeg","width":320,"height":200}"#, nil
    ),
    ("ffd8ffda0008", #"{"name":"image","inferred":true,"confidence":0.95,"format":"jpeg"}"#, nil),
    ("4f676753 00 0200", #"{"name":"audio","format":"ogg"}"#, "audio ogg"),
    ("52494646 24000000 57415645 666d7420", #"{"name":"audio","format":"wav"}"#, nil),
    ("00000018 66747970 6d703432", #"{"name":"video","format":"mp4"}"#, nil),
    ("00000068 6d6f6f66 00000010", #"{"name":"video","format":"mp4"}"#, nil),
    ("1a45dfa3 9f4286", #"{"name":"video","format":"webm"}"#, nil),
    ("255044462d312e37", #"{"name":"document","format":"pdf"}"#, nil),
    ("504b030414000000", #"{"name":"archive","format":"zip"}"#, nil),
    ("28b52ffd 0458", #"{"name":"archive","format":"zstd"}"#, "archive zstd"),
    ("0061736d01000000", #"{"name":"file","format":"wasm"}"#, nil),
    ("0a0d0d0a 1c000000 4d3c2b1a 01000000", #"{"name":"file","format":"pcapng"}"#, nil),
  ]

  @Test("a file is named by its format", arguments: files)
  func format(_ file: (String, String, String?)) throws {
    let bytes = hex(file.0)
    let view = try #require(ViewTester().binary(bytes))
    #expect(view.text == file.1)
    if let words = file.2 { #expect(view.words == words) }
    for end in 0..<bytes.count { _ = ViewTester().binary(Array(bytes[..<end]))?.text }
    #expect(ViewTester().read(bytes, isText: true) == nil)
  }

  @Test("a bitmap says how long it is, and a transport stream repeats")
  func bodies() throws {
    var bitmap = [UInt8](repeating: 0, count: 100)
    bitmap.replaceSubrange(0..<6, with: hex("424d64000000"))
    bitmap.replaceSubrange(14..<26, with: hex("28000000 40010000 38ffffff"))
    #expect(
      try #require(ViewTester().binary(bitmap)).text == #"{"name":"image","format":"bmp","width":320,"height":200}"#)
    #expect(ViewTester().binary(bitmap + [0])?.name != "image")
    let packet: [UInt8] = [0x47] + [UInt8](repeating: 0xFF, count: 187)
    #expect(ViewTester().binary(packet + packet + packet + packet)?["format"] == "mpegts")
    #expect(ViewTester().binary(packet + packet + packet) == nil)
  }
}
