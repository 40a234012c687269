extension ByteWriter {
  /// Writes well-formed UTF-8 as the inside of a JSON string (RFC 8259 §7): quotes, backslashes and controls escaped.
  public mutating func jsonEscaped(_ bytes: RawSpan) {
    var start = 0
    while start < bytes.byteCount {
      let end = min(start + 32 * 1024, bytes.byteCount)
      bytes.withUnsafeBytes {
        let piece = UnsafeRawBufferPointer(rebasing: $0[start..<end])
        if escapesForTerminal { escapeForTerminal(piece) } else { escapePiece(piece) }
      }
      start = end
      flushIfLong()
    }
  }

  /// The same for a reader that is a terminal. A piece may end inside a character: what could do harm there is completed by
  /// bytes that are never controls themselves, so the whole is looked at as far as it goes.
  private mutating func escapeForTerminal(_ bytes: UnsafeRawBufferPointer) {
    var i = 0
    while i < bytes.count {
      let (value, length) = Self.unsafeScalar(bytes, i)
      if length == 0 {
        escapePiece(UnsafeRawBufferPointer(rebasing: bytes[i..<i + 1]))
        i += 1
      } else {
        literal("\\u")
        hex(UInt64(value), digits: 4)
        i += length
      }
    }
  }

  /// The character at `i` that could drive a terminal, and its bytes; 0 bytes if it is none.
  private static func unsafeScalar(_ bytes: UnsafeRawBufferPointer, _ i: Int) -> (value: UInt32, length: Int) {
    func byte(_ offset: Int) -> UInt32 { i + offset < bytes.count ? UInt32(bytes[i + offset]) : 0 }
    switch bytes[i] {
    case 0x7F: return (0x7F, 1)
    case 0xC2 where (0x80...0x9F).contains(byte(1)): return (byte(1), 2)
    case 0xD8 where byte(1) == 0x9C: return (0x61C, 2)
    case 0xE2:
      let value = 0x2000 | (byte(1) & 0x3F) << 6 | byte(2) & 0x3F
      switch value {
      case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: return byte(2) == 0 ? (0, 0) : (value, 3)
      default: return (0, 0)
      }
    default: return (0, 0)
    }
  }

  private mutating func escapePiece(_ bytes: UnsafeRawBufferPointer) {
    var out = room(bytes.count * 6 + 8)
    let first = out
    var i = 0
    while i < bytes.count {
      while bytes.count &- i >= 16 {
        let words = bytes.loadUnaligned(fromByteOffset: i, as: SIMD2<UInt64>.self)
        UnsafeMutableRawPointer(out).storeBytes(of: words, as: SIMD2<UInt64>.self)
        let plain = Self.plainBytes(words)
        out += plain
        i &+= plain
        if plain == 16 { continue }
        Self.escape(bytes[i], &out)
        i &+= 1
      }
      // Behind the last byte there are zeros, which count as controls.
      let isWhole = bytes.count &- i >= 8
      if !isWhole, i == bytes.count { break }
      let word =
        isWhole ? UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) : bytes.rest(i)
      UnsafeMutableRawPointer(out).storeBytes(of: word.littleEndian, as: UInt64.self)
      let plain = Self.plainBytes(word)
      out += plain
      i &+= plain
      if plain == 8 || i == bytes.count { continue }
      Self.escape(bytes[i], &out)
      i &+= 1
    }
    count += out - first
  }

  /// How many of the eight bytes of `word`, from the lowest on, come before the first control, quote or backslash.
  ///
  /// A subtraction sets the top bit of a byte that is zero; it may set that of a byte above as well, but never below.
  @inline(__always)
  private static func plainBytes(_ word: UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let low = (word &- ones &* 0x20) & ~word
    let found = (low | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & tops
    return found.trailingZeroBitCount >> 3
  }

  /// The same for sixteen bytes.
  @inline(__always)
  private static func plainBytes(_ stored: SIMD2<UInt64>) -> Int {
    let words = SIMD2(UInt64(littleEndian: stored.x), UInt64(littleEndian: stored.y))
    let ones = SIMD2<UInt64>(repeating: 0x0101_0101_0101_0101)
    let quotes = words ^ SIMD2(repeating: 0x2222_2222_2222_2222)
    let backslashes = words ^ SIMD2(repeating: 0x5C5C_5C5C_5C5C_5C5C)
    let low = (words &- SIMD2(repeating: 0x2020_2020_2020_2020)) & ~words
    let found = low | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
    let (first, second) = (found.x & 0x8080_8080_8080_8080, found.y & 0x8080_8080_8080_8080)
    if first | second == 0 { return 16 }
    return first != 0 ? first.trailingZeroBitCount >> 3 : 8 &+ second.trailingZeroBitCount >> 3
  }

  @inline(__always)
  private static func escape(_ byte: UInt8, _ out: inout UnsafeMutablePointer<UInt8>) {
    func put(_ value: UInt8) {
      out.pointee = value
      out += 1
    }
    put(0x5C)
    switch byte {
    case 0x22, 0x5C: put(byte)
    case 0x08: put(0x62)
    case 0x09: put(0x74)
    case 0x0A: put(0x6E)
    case 0x0C: put(0x66)
    case 0x0D: put(0x72)
    default:
      put(0x75)
      put(0x30)
      put(0x30)
      put(0x30 + byte >> 4)
      let low = byte & 0xF
      put(low < 10 ? 0x30 + low : 0x57 + low)
    }
  }

  /// Writes `bytes`, a JSON text without line breaks, as it is. What could drive a terminal is escaped, where that is asked for:
  /// it stands in strings only.
  public mutating func json(_ bytes: RawSpan) {
    guard escapesForTerminal else { return raw(bytes) }
    bytes.withUnsafeBytes { bytes in
      var i = 0
      while i < bytes.count {
        let (value, length) = Self.unsafeScalar(bytes, i)
        if length == 0 {
          byte(bytes[i])
          i += 1
        } else {
          literal("\\u")
          hex(UInt64(value), digits: 4)
          i += length
        }
      }
    }
    flushIfLong()
  }

  /// Writes `string` as a JSON string, quotes included.
  public mutating func jsonString(_ string: String) {
    byte(0x22)
    jsonEscaped(string.utf8Span.span.bytes)
    byte(0x22)
  }

  /// Writes `bytes` in base64 with padding (RFC 4648 §4).
  public mutating func base64(_ bytes: RawSpan) {
    let table = self.table ?? Base64Table()
    self.table = table
    var start = 0
    while start < bytes.byteCount {
      let end = min(start + 48 * 1024, bytes.byteCount)  // a multiple of 3, so that only the last piece pads
      bytes.withUnsafeBytes { buffer in
        let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        count += table.encode(piece, into: room((piece.count + 2) / 3 * 4 + 8))
      }
      start = end
      flushIfLong()
    }
  }
}
