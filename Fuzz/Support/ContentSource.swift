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
  mutating func key() -> [UInt8] { noise(4) }

  /// A number below `limit`.
  mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(chance.next() % UInt64(limit)) : 0 }
}

/// A frame as its sender writes it (RFC 6455 §5.2), masked if there is a key.
func frameBytes(_ first: UInt8, _ payload: [UInt8], key: [UInt8]?) -> [UInt8] {
  let mask: UInt8 = key == nil ? 0 : 0x80
  var bytes = [first]
  switch payload.count {
  case ..<126: bytes.append(mask | UInt8(payload.count))
  case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  default: bytes += [mask | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
  }
  guard let key else { return bytes + payload }
  return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
}
