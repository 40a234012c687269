import Filter
import TestSupport
import Testing

@Suite("What is wrong with a filter, and where")
struct FilterErrorTests {
  @Test(
    "the place is marked",
    arguments: [
      ("", 0, "the filter is empty"), ("  ", 2, "the filter is empty"), ("lenght > 5", 0, "there is no field 'lenght'"),
      ("length >", 8, "is missing here"), ("length > abc", 9, "length is an integer"),
      ("length > 5 5", 11, "'and' or 'or' is missing"), ("(fin", 0, "this parenthesis is not closed"),
      ("fin)", 3, "this parenthesis closes nothing"), ("and fin", 0, "a field is missing before this"),
      ("fin and", 7, "a field is missing here"), ("not", 3, "a field is missing here"),
      ("sender == 5", 10, "sender is never '5'"), (#"sender == "Client""#, 10, "sender is never 'Client'"),
      (#"length contains "a""#, 7, "in which nothing can be searched for"),
      ("text contains 5", 14, "a string in quotes"),
      (#"text matches "a(""#, 16, "regular expression: "), ("text matches 5", 13, "a regular expression in quotes"),
      ("length in 5", 10, "a set such as"), ("length in {5", 10, "this brace is not closed"),
      ("length in {}", 10, "empty"),
      ("length in {5 x}", 13, "length is an integer"), (#"text == "abc"#, 8, "the string is not closed"),
      (#"text == "\q""#, 9, "unknown escape"), (#"text == "\x4""#, 9, "hexadecimal digits"),
      ("json.a[ == 1", 6, "the bracket is not closed"), ("json.a[x] == 1", 7, "an index"), ("json. == 1", 5, "a name"),
      ("fin > true", 6, "nothing between"), ("time > yesterday", 7, "time is a time"), ("5 == 5", 5, "must be a field"),
      ("5", 0, "a number alone says nothing"), (#""a""#, 0, "a string alone says nothing"),
      ("fin & mask", 4, "cannot stand here"),
      ("sender == server.port", 10, "sender is a word, and server.port an integer"),
      ("ip.addr == 1.2.3", 11, "an address"),
      ("ip.addr == 10.0.0.0/33", 11, "an address"), ("frame.number == -", 16, "is an integer"),
      (") fin", 0, "a field is missing"), ("length = 5", 7, "did you mean '=='"),
      ("5 = length", 2, "did you mean '=='"),
      ("fin === true", 4, "did you mean '=='"), ("fin !== true", 4, "did you mean '!='"),
      ("port in {9..1}", 9, "this range is empty"), ("duration in {5s..100ms}", 13, "this range is empty"),
      ("payload > 5", 10, "payload is bytes"),
      ("len(length) > 5", 4, "length is an integer; len() takes text or bytes"),
      ("upper(payload) == \"A\"", 6, "payload is bytes; upper() takes text"),
      ("len( > 5", 5, "a field must stand here"),
      ("len(text > 5", 9, "')' is missing"), ("max(length) > 5", 0, "there is no function max()"),
      ("size(text) > 5", 0, "there is no function 'size'; there are count(), len()"),
      ("len(json.a) > 5", 4, "not for paths into JSON"), ("length[0:2] == 5", 0, "a slice is of text or bytes"),
      ("text[a] == 'a'", 0, "a slice is written [0:4]"), ("text[4-2] == 'a'", 0, "a slice is written [0:4]"),
      ("text[0:0] == 'a'", 0, "a slice is written [0:4]"), ("len(text) == 'a'", 13, "len(text) is an integer"),
      ("websocket.fragment == 5", 0, "ask for frame_count"), ("tcp.stream eq 0", 0, "connection == 1"),
      ("websocket.payload.unknown.expert", 0, "frame.reserved-opcode"),
      ("json.value.string == 'a'", 0, "name the path"),
    ])
  func places(filter: String, place: Int, reason: String) throws {
    let error = try #require(filterError(filter), "\(filter)")
    #expect(error.place.lowerBound == place && error.reason.contains(reason), "\(filter): \(error)")
    #expect(!error.reason.hasSuffix(".") && !error.place.isEmpty)
  }

  @Test("mistyped words are told with what they may have been")
  func mistyped() {
    #expect(filterError("lenght > 5")?.mistyped?.candidates.contains("length") == true)
    #expect(filterError("sender == clinet")?.mistyped?.candidates == ["client", "server"])
    #expect(filterError("fin AND masked")?.mistyped?.word == "AND")
  }

  @Test("filters made to hurt are refused, or read in a moment")
  func hostile() throws {
    #expect(filterError(String(repeating: "(", count: 60_000))?.reason.contains("nested deeper") == true)
    #expect(filterError(String(repeating: "!", count: 60_000) + "fin")?.reason.contains("nested deeper") == true)
    #expect(filterError(String(repeating: "not ", count: 10_000) + "fin")?.reason.contains("nested deeper") == true)
    #expect(filterError(String(repeating: "len(", count: 16_000))?.reason.contains("nested deeper") == true)
    #expect(filterError(String(repeating: "a", count: 70_000))?.reason.contains("64 KiB") == true)
    #expect(filterError(String(repeating: "fin or ", count: 9_000) + "fin") == nil)
    #expect(filterError("length in {" + String(repeating: "1..2 ", count: 10_000) + "}") == nil)
    #expect(filterError("json" + String(repeating: "[0]", count: 1000)) != nil)
    #expect(filterError("text == \"" + String(repeating: "\\x41", count: 10_000) + "\"") == nil)
    #expect(filterError(#"text matches "(((((((((((((((((((((((((a{1,60}){1,60}){1,60}){1,60}"#) != nil)
  }

  @Test("no text of any kind makes it fail in another way than by saying what is wrong")
  func random() {
    var chance = SeededGenerator.announced("random filters")
    let words = [
      "fin", "length", "text", "json.a[0]", "==", "!=", "<", ">", "and", "or", "not", "(", ")", "{", "}", "in",
      "contains",
      "matches", "~", "\"a\"", "'", "\"", "5", "..", "10.0.0.1", "/", "8", ":", "[", "]", "é", "🌊", "\\", "+5s", "-",
      "json.", "len(", "upper(", "xor", "[0:4]", "payload[1:2]", "[", "..", "===", "not in {",
      "request.header[\"a\"]", "ip.addr", " ", "\u{0}", "sender", "client", "time", "0x", "1e999",
      "99999999999999999999999",
    ]
    for _ in 0..<20_000 {
      let filter = (0..<Int.random(in: 0...12, using: &chance)).map { _ in words.randomElement(using: &chance) ?? "" }
        .joined(separator: Bool.random(using: &chance) ? " " : "")
      guard let error = filterError(filter) else { continue }
      #expect(error.place.lowerBound >= 0 && error.place.lowerBound <= filter.utf8.count, "\(filter)")
    }
  }
}
