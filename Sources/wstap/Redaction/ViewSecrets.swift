import Bytes
import JSON

/// What was hidden of a message: strings, and numbers or words.
struct ViewSecrets {
  private static let star: UInt8 = 0x2A

  var strings: Set<[UInt8]> = []
  /// Numbers, true, false and null, as they are written.
  private(set) var others: Set<[UInt8]> = []

  /// What `text` held where `hidden` differs, or has stars: as it is written, and as it is meant where that is in JSON's way.
  mutating func addDifferences(_ text: [UInt8], _ hidden: [UInt8]) {
    var i = 0
    let end = min(text.count, hidden.count)
    while i < end {
      guard hidden[i] == Self.star || hidden[i] != text[i] else {
        i += 1
        continue
      }
      let start = i
      while i < end, hidden[i] == Self.star || hidden[i] != text[i] { i += 1 }
      add(string: Array(text[start..<i]))
    }
  }

  private mutating func add(string: [UInt8]) {
    guard string.contains(where: { $0 != Self.star }) else { return }
    strings.insert(string)
    if string.contains(0x5C) {
      strings.insert(JSONText.utf8(string.span.bytes, JSONToken(.string, string.indices, hasEscapes: true)))
    }
  }

  /// The values of the JSON text `text` of which `hidden` has less.
  mutating func addMembers(of text: [UInt8], _ hidden: [UInt8]) {
    var scanner = JSONScanner()
    var isBase64 = false
    while let token = scanner.next(text.span.bytes) {
      if token.kind == .key {
        isBase64 = JSONText.isEqual(text.span.bytes, token, Array("base64".utf8))
        continue
      }
      defer { isBase64 = false }
      let end = min(token.range.upperBound, hidden.count)
      guard token.range.lowerBound < end, text[token.range.lowerBound..<end] != hidden[token.range.lowerBound..<end]
      else { continue }
      switch token.kind {
      case .string:
        let meaning = JSONText.utf8(text.span.bytes, token)
        if isBase64, let bytes = Self.decoded(meaning) { strings.insert(bytes) } else { strings.insert(meaning) }
      case .number, .true, .false: others.insert(Array(text[token.range]))
      default: break
      }
    }
  }

  /// RFC 4648 §4; nil if it is none.
  private static func decoded(_ text: [UInt8]) -> [UInt8]? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var (bits, count, bytes): (UInt32, Int, [UInt8]) = (0, 0, [])
    for letter in text where letter != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: letter) else { return nil }
      bits = bits << 6 & 0xFF_FFFF | UInt32(value)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return bytes
  }
}

/// What was hidden in the names of requests. Replies name them again, in later messages.
struct HiddenLabels {
  /// So many are remembered; with more, names of requests are not told.
  private static let most = 1000

  private var all: Set<[UInt8]> = []
  private(set) var isFull = false

  mutating func add(_ secret: [UInt8]) {
    if all.count < Self.most { all.insert(secret) } else if !all.contains(secret) { isFull = true }
  }

  /// Those that `label` has; all of it, where not all are known.
  func secrets(in label: String) -> Set<[UInt8]> {
    let bytes = Array(label.utf8)
    return isFull ? [bytes] : all.filter { SecretBytes.contains(bytes, $0, part: SecretBytes.partOfLine) }
  }
}
