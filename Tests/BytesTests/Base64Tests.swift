import Bytes
import TestSupport
import Testing

@Suite("Base64")
struct Base64Tests {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// RFC 4648 §4 backwards, a character at a time; nil if it is no canonical base64.
  private static func decoded(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    let padding = text.reversed().prefix { $0 == 0x3D }.count
    var bits: [UInt8] = []
    for character in text.dropLast(padding) {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      bits += (0..<6).map { UInt8(value >> (5 - $0) & 1) }
    }
    let count = bits.count / 8
    guard padding <= 2, bits.dropFirst(count * 8).allSatisfy({ $0 == 0 }), bits.count - count * 8 == padding * 2 else {
      return nil
    }
    return (0..<count).map { byte in bits[byte * 8..<byte * 8 + 8].reduce(0) { $0 << 1 | $1 } }
  }

  private static func encoded(_ bytes: [UInt8]) -> [UInt8] { written { $0.base64(bytes.span.bytes) } }

  @Test(
    "the vectors of RFC 4648 §10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(plain: String, text: String) {
    #expect(Self.encoded(Array(plain.utf8)) == Array(text.utf8))
  }

  @Test("every length from 0 to 200 can be read back")
  func lengths() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for length in 0...200 {
      let bytes = random.bytes(length...length)
      #expect(Self.decoded(Self.encoded(bytes)) == bytes, "seed \(seed), length \(length)")
    }
  }

  @Test("all 64 characters come out, each at each of the four places")
  func alphabet() {
    for value in 0..<64 {
      for place in 0..<4 {
        let bits = UInt32(value) << UInt32(18 - 6 * place)
        let bytes = [16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
        var text = Array("AAAA".utf8)
        text[place] = Self.alphabet[value]
        #expect(Self.encoded(bytes) == text)
        #expect(Self.encoded(bytes + [0, 0, 0, 0, 0, 0]) == text + Array("AAAAAAAA".utf8), "as part of a word")
      }
    }
  }

  @Test("long contents are padded at their end only")
  func long() {
    for length in [48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, 96 * 1024 + 2] {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(Self.decoded(Self.encoded(bytes)) == bytes)
    }
  }

  @Test("a part of a longer array gives that part alone")
  func parts() {
    let bytes = (0..<40).map { UInt8($0 &* 6 + 7) }
    for start in 0...40 {
      for end in start...40 {
        let text = written { $0.base64(bytes.span.bytes.extracting(start..<end)) }
        #expect(Self.decoded(text) == Array(bytes[start..<end]))
      }
    }
  }
}
