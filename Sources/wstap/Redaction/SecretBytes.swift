/// Finds and hides bytes that are not to be seen.
enum SecretBytes {
  private static let star: UInt8 = 0x2A
  /// Bytes by which the beginning of a secret is known in a line for people, where it may be cut.
  static let partOfLine = 4
  /// The same in JSON.
  static let partOfJSON = 16

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
        if length >= least { body(i..<i + length) }
        i += length >= least ? length : 1
      }
    }
  }
}
