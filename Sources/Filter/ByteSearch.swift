#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Comparing bytes, and finding some in others.
enum ByteSearch {
  /// Whether `needle` is somewhere in `bytes`; nothing is everywhere.
  static func contains(_ bytes: RawSpan, _ needle: [UInt8]) -> Bool {
    guard !needle.isEmpty else { return true }
    guard bytes.byteCount >= needle.count else { return false }
    return bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      let last = buffer.count - needle.count
      var i = 0
      while i <= last, let found = memchr(base + i, Int32(needle[0]), last - i + 1) {
        i = UnsafeRawPointer(found) - base
        if memcmp(base + i, needle, needle.count) == 0 { return true }
        i += 1
      }
      return false
    }
  }

  /// How they compare byte by byte: less than 0, 0, or more.
  static func compare(_ a: RawSpan, _ b: RawSpan) -> Int {
    let order = a.withUnsafeBytes { a in
      b.withUnsafeBytes { b -> Int in
        let count = min(a.count, b.count)
        guard count > 0, let first = a.baseAddress, let second = b.baseAddress else { return 0 }
        return Int(memcmp(first, second, count))
      }
    }
    return order != 0 ? order : a.byteCount - b.byteCount
  }
}
