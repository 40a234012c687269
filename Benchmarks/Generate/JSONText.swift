/// Made-up JSON messages.
enum JSONText {
  private static let kinds = [
    "tick", "trade", "presence", "typing", "cursor", "chat.message", "metric", "notification",
  ]
  private static let words = [
    "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "do", "eiusmod", "tempor",
    "incididunt", "ut", "labore", "et", "dolore", "magna", "aliqua", "AAPL", "EUR/USD", "user-4711", "true", "ok",
  ]
  /// Words with escapes, and outside ASCII in two, three and four bytes.
  private static let rareWords = ["naïve", "Zürich", "東京", "привет", "🚀", #"\"quoted\""#, #"line\nbreak"#, #"C:\\tmp"#]

  /// Appends a message of 20 to 300 bytes to `bytes`; shorter ones are more frequent.
  static func append(to bytes: inout [UInt8], _ random: inout Random) {
    let length = random.oftenSmall(22...292)
    let start = bytes.count
    guard length >= 60 else {
      bytes.append(contentsOf: #"{"seq":"#.utf8)
      append(random.of(10_000_000...9_999_999_999), to: &bytes)
      if length >= 36 {
        bytes.append(contentsOf: #","ack":"#.utf8)
        append(random.of(100_000...99_999_999), to: &bytes)
      }
      return bytes.append(contentsOf: #","p":0}"#.utf8)
    }
    bytes.append(contentsOf: #"{"type":""#.utf8)
    bytes.append(contentsOf: kinds[random.below(kinds.count)].utf8)
    bytes.append(contentsOf: #"","id":"#.utf8)
    append(random.of(1...99_999_999), to: &bytes)
    bytes.append(contentsOf: #","data":""#.utf8)
    while bytes.count - start < length - 9 {
      let isRare = random.happens(0.03)
      bytes.append(
        contentsOf: (isRare ? rareWords[random.below(rareWords.count)] : words[random.below(words.count)]).utf8)
      bytes.append(0x20)
    }
    bytes.append(contentsOf: #""}"#.utf8)
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    let start = bytes.count
    var rest = number
    repeat {
      bytes.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }
}
