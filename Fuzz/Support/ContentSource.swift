/// Contents that look like what is sent over WebSockets: texts of a few kinds that repeat themselves in part.
struct ContentSource {
  private var chance: Chance
  private var number: UInt64 = 1000

  init(_ bytes: [UInt8]) { chance = Chance(bytes) }

  /// A JSON object; no two are alike.
  mutating func json() -> [UInt8] {
    number += chance.next() % 90 + 1
    let words = ["tide", "harbour", "gull", "боя", "灯台", "quay", "lantern", "mooring"].shuffled(using: &chance)
    let hash = String(chance.next(), radix: 36)
    return Array(
      #"{"at":"\#(words[0])","n":\#(number),"near":["\#(words[1])","\#(words[2])"],"id":"\#(hash)"}"#.utf8)
  }

  /// A sentence.
  mutating func sentence() -> [UInt8] {
    let words = "the a fox dog jumps over lazy brown quick and sleeps mind does not under old bridge river near"
    let all = words.split(separator: " ")
    let count = Int(chance.next() % 40) + 1
    let chosen = (0..<count).map { _ in String(all[below(all.count)]) }
    return Array(chosen.joined(separator: " ").utf8)
  }

  /// Bytes without a pattern.
  mutating func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: chance.next()) } }

  /// A masking key.
  mutating func key() -> UInt32 { noise(4).reduce(0) { $0 << 8 | UInt32($1) } }

  /// A number below `limit`.
  mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(chance.next() % UInt64(limit)) : 0 }
}

extension Deflater {
  /// A message compressed as `level` says.
  ///
  /// - Parameter endsWithFinalBlock: as in RFC 7692 §7.2.3.4; the window is then empty for the next message.
  func message(_ content: [UInt8], level: Int, endsWithFinalBlock: Bool) -> [UInt8] {
    change(level: level)
    return endsWithFinalBlock ? finished(content) + [0] : message(content)
  }
}
