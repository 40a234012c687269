import Bytes

/// Searches and comparisons in the bytes of a head, a word at a time.
extension UnsafeRawBufferPointer {
  /// Index of the first `byte` in `start..<end`; `end` if there is none.
  @inline(__always)
  func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let pattern = ones &* UInt64(byte)
    var i = start
    while end &- i >= 8 {
      // A subtraction sets the top bit of a byte that is zero; it may set that of a byte above as well, but never below.
      let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: i, as: UInt64.self)) ^ pattern
      let found = (word &- ones) & ~word & 0x8080_8080_8080_8080
      if found != 0 { return i &+ found.trailingZeroBitCount >> 3 }
      i &+= 8
    }
    while i < end, self[i] != byte { i &+= 1 }
    return i
  }

  /// Index of the first LF or colon in `start..<end`; `end` if there is neither.
  @inline(__always)
  func firstLineFeedOrColon(from start: Int, to end: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var i = start
    while end &- i >= 8 {
      let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: i, as: UInt64.self))
      let (feeds, colons) = (word ^ (ones &* 0x0A), word ^ (ones &* 0x3A))
      let found = (((feeds &- ones) & ~feeds) | ((colons &- ones) & ~colons)) & 0x8080_8080_8080_8080
      if found != 0 { return i &+ found.trailingZeroBitCount >> 3 }
      i &+= 8
    }
    while i < end, self[i] != 0x0A, self[i] != 0x3A { i &+= 1 }
    return i
  }

  /// `range` without white space at both ends.
  @inline(__always)
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(self[start]) { start &+= 1 }
    while start < end, isSpace(self[end &- 1]) { end &-= 1 }
    return start..<end
  }

  /// Whether the bytes in `range` are `lowerCase`, but for the case of ASCII letters. In that, what is not a lower-case letter
  /// is ASCII below 0x40: digits, hyphens, colons, slashes.
  @inline(__always)
  func isSame(_ range: Range<Int>, _ lowerCase: StaticString) -> Bool {
    let count = lowerCase.utf8CodeUnitCount
    guard range.count == count else { return false }
    let text = UnsafeRawBufferPointer(start: lowerCase.utf8Start, count: count)
    if count < 8 {
      for i in 0..<count {
        let wanted = text[i]
        guard self[range.lowerBound &+ i] | (wanted & 0x40) >> 1 == wanted else { return false }
      }
      return true
    }
    var i = 0
    while true {
      // Of what may stand in `lowerCase`, letters alone have the bit 0x40; where one stands, 0x20 does not count.
      let wanted = text.loadUnaligned(fromByteOffset: i, as: UInt64.self)
      let word = loadUnaligned(fromByteOffset: range.lowerBound &+ i, as: UInt64.self)
      guard word | (wanted & 0x4040_4040_4040_4040) >> 1 == wanted else { return false }
      if i == count &- 8 { return true }
      i = Swift.min(i &+ 8, count &- 8)
    }
  }

  /// Whether the bytes in `range` are those of `text`.
  @inline(__always)
  func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
    isEqual(range, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Whether the bytes in `range` are those of `other`.
  @inline(__always)
  func isEqual(_ range: Range<Int>, _ other: UnsafeRawBufferPointer) -> Bool {
    guard range.count == other.count else { return false }
    var i = 0
    while other.count &- i >= 8 {
      let word = loadUnaligned(fromByteOffset: range.lowerBound &+ i, as: UInt64.self)
      guard word == other.loadUnaligned(fromByteOffset: i, as: UInt64.self) else { return false }
      i &+= 8
    }
    while i < other.count {
      guard self[range.lowerBound &+ i] == other[i] else { return false }
      i &+= 1
    }
    return true
  }
}

/// White space around a field's value; CR too, as one before LF is no part of it.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 && (byte == 0x20 || byte == 0x09 || byte == 0x0D) }
