/// Finds and hides bytes that are not to be seen.
enum SecretBytes {
  private static let star: UInt8 = 0x2A
  /// Bytes by which the beginning of a secret is known in a line for people, where it may be cut.
  static let partOfLine = 4
  /// The same in JSON.
  static let partOfJSON = 16
  /// Bytes of names of members that are known as such.
  private static let longestName = 128

  /// Whether it is in `bytes`, or at least its first `part` bytes.
  static func contains(_ bytes: [UInt8], _ secret: [UInt8], part: Int = .max) -> Bool {
    var found = false
    find([secret], in: bytes, bytes.indices, part) { _ in found = true }
    return found
  }

  /// Puts as many stars in the places of `secrets`, and of their beginnings that have at least `part` bytes.
  static func hide(_ secrets: [[UInt8]], in bytes: inout [UInt8], part: Int = .max) {
    hide(secrets, in: &bytes, bytes.indices, part: part)
  }

  /// The same within `range`.
  static func hide(_ secrets: [[UInt8]], in bytes: inout [UInt8], _ range: Range<Int>, part: Int = .max) {
    var places: [Range<Int>] = []
    find(secrets, in: bytes, range, part) { places.append($0) }
    for place in places { for i in place { bytes[i] = star } }
  }

  private static func find(
    _ secrets: [[UInt8]], in bytes: [UInt8], _ range: Range<Int>, _ part: Int, _ body: (Range<Int>) -> Void
  ) {
    for secret in secrets where !secret.isEmpty {
      let least = min(part, secret.count)
      var i = range.lowerBound
      while i + least <= range.upperBound {
        guard bytes[i] == secret[0] else {
          i += 1
          continue
        }
        var length = 1
        while length < secret.count, i + length < range.upperBound, bytes[i + length] == secret[length] { length += 1 }
        let isFound = length >= least && !isInName(bytes, i..<i + length, isWhole: length == secret.count)
        if isFound { body(i..<i + length) }
        i += isFound ? length : 1
      }
    }
  }

  /// Whether `range` is within the name of a JSON member, also of JSON in a string: what is like a secret, or like its beginning, is none
  /// there, unless it is a whole one and the whole name.
  private static func isInName(_ bytes: [UInt8], _ range: Range<Int>, isWhole: Bool) -> Bool {
    func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x24: true
      default: false
      }
    }
    guard range.count <= longestName, range.allSatisfy({ isWord(bytes[$0]) }) else { return false }
    let (first, last) = (max(range.upperBound - longestName, 0), min(range.lowerBound + longestName, bytes.count))
    var (start, end) = (range.lowerBound, range.upperBound)
    while start > first, isWord(bytes[start - 1]) { start -= 1 }
    while end < last, isWord(bytes[end]) { end += 1 }
    if isWhole, start..<end == range { return false }
    while end < last, bytes[end] == 0x5C { end += 1 }
    guard start > 0, bytes[start - 1] == 0x22, end + 1 < bytes.count else { return false }
    return bytes[end] == 0x22 && bytes[end + 1] == 0x3A
  }
}
