/// A growing buffer that text and JSON are written into, made so that a record costs tens of nanoseconds.
///
/// With a `drain` it never grows far past `threshold`, or 64 KiB if that is more: full buffers are handed over and
/// forgotten, also in the middle of a long string. Without one it keeps all that is written.
public struct ByteWriter: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  /// Bytes in the buffer.
  public private(set) var count = 0
  @usableFromInline var table: Base64Table?

  /// How many bytes may gather before `drain` is called, in bytes.
  public let threshold: Int
  /// Takes the buffer's bytes when `threshold` of them have gathered, or on `flush()`.
  public var drain: ((UnsafeRawBufferPointer) -> Void)?

  /// An empty writer.
  public init(threshold: Int = 256 * 1024) {
    self.threshold = threshold
    capacity = 64 * 1024
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// Makes room for `extra` more bytes and gives the place to write them at.
  @inline(__always)
  private mutating func room(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
    if count + extra > capacity { grow(extra) }
    return base + count
  }

  @inline(never)
  private mutating func grow(_ extra: Int) {
    let larger = max(capacity * 2, count + extra)
    let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    fresh.update(from: base, count: count)
    base.deallocate()
    base = fresh
    capacity = larger
  }

  /// Hands over what was written, if `threshold` bytes have gathered.
  public mutating func flushIfFull() {
    if count >= threshold { flush() }
  }

  /// Hands over what was written, in the middle of a long content; short records stay in one piece.
  private mutating func flushIfLong() {
    if count >= max(threshold, 64 * 1024) { flush() }
  }

  /// Hands over what was written; without a `drain` nothing happens.
  public mutating func flush() {
    guard let drain, count > 0 else { return }
    drain(UnsafeRawBufferPointer(start: base, count: count))
    count = 0
  }

  /// Forgets what was written.
  public mutating func removeAll() { count = 0 }

  /// Forgets what was written after the buffer held `length` bytes.
  public mutating func truncate(to length: Int) { count = min(count, length) }

  /// Calls `body` with what was written and not yet handed over.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    body(UnsafeRawBufferPointer(start: base, count: count))
  }

  // MARK: Plain bytes

  /// Writes a literal.
  @inline(__always)
  public mutating func literal(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    room(length).update(from: text.utf8Start, count: length)
    count += length
  }

  /// Writes one byte.
  @inline(__always)
  public mutating func byte(_ value: UInt8) {
    room(1).pointee = value
    count += 1
  }

  /// Writes `value`, `times` times.
  public mutating func fill(_ value: UInt8, _ times: Int) {
    guard times > 0 else { return }
    room(times).update(repeating: value, count: times)
    count += times
  }

  /// Writes `bytes` as they are, handing over in between.
  public mutating func raw(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { buffer in
      guard let source = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
      var taken = 0
      while taken < buffer.count {
        let length = min(buffer.count - taken, 64 * 1024)
        room(length).update(from: source + taken, count: length)
        count += length
        taken += length
        flushIfLong()
      }
    }
  }

  /// Writes a string's UTF-8, handing over in between.
  public mutating func text(_ string: some StringProtocol) {
    var string = String(string)
    string.withUTF8 { raw($0.span.bytes) }
  }

  // MARK: Numbers

  /// Writes `value` in decimal.
  @inline(__always)
  public mutating func decimal(_ value: UInt64) {
    if value < 10 {
      byte(UInt8(truncatingIfNeeded: value) &+ 0x30)
    } else {
      longDecimal(value)
    }
  }

  /// Writes `value` in decimal.
  @inline(__always)
  public mutating func decimal(_ value: Int) {
    if value < 0 { byte(0x2D) }
    decimal(UInt64(value.magnitude))
  }

  private mutating func longDecimal(_ value: UInt64) {
    var digits = 1
    var bound: UInt64 = 10
    while value >= bound, digits < 20 {
      digits += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    decimal(value, width: digits)
  }

  /// Writes the last `width` decimal digits of `value`, with leading zeros.
  @inline(__always)
  public mutating func decimal(_ value: UInt64, width: Int) {
    let place = room(width)
    var rest = value
    var i = width
    while i > 0 {
      i -= 1
      let quotient = rest / 10
      place[i] = UInt8(truncatingIfNeeded: rest &- quotient &* 10) &+ 0x30
      rest = quotient
    }
    count += width
  }

  /// Writes the lowest `digits` hexadecimal digits of `value`, in lower case.
  public mutating func hex(_ value: UInt64, digits: Int) {
    let place = room(digits)
    for i in 0..<digits {
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64((digits - 1 - i) * 4)) & 0xF
      place[i] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }
    count += digits
  }

  /// Writes whole seconds and a decimal fraction of `nanoseconds`, without trailing zeros in the fraction.
  public mutating func seconds(nanoseconds: Int64) {
    let magnitude = nanoseconds.magnitude
    if nanoseconds < 0 { byte(0x2D) }
    decimal(magnitude / 1_000_000_000)
    var fraction = magnitude % 1_000_000_000
    guard fraction > 0 else { return }
    var width = 9
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    byte(0x2E)
    decimal(fraction, width: width)
  }

  // MARK: JSON strings and base64

  /// Writes well-formed UTF-8 as the inside of a JSON string (RFC 8259 §7): quotes, backslashes and controls escaped.
  public mutating func jsonEscaped(_ bytes: RawSpan) {
    var start = 0
    while start < bytes.byteCount {
      let end = min(start + 32 * 1024, bytes.byteCount)
      bytes.withUnsafeBytes { escapePiece(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
      start = end
      flushIfLong()
    }
  }

  private mutating func escapePiece(_ bytes: UnsafeRawBufferPointer) {
    var out = room(bytes.count * 6 + 8)
    let first = out
    var i = 0
    while i < bytes.count {
      while i + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        UnsafeMutableRawPointer(out).storeBytes(of: word, as: UInt64.self)
        if Self.needsEscape(word) { break }
        out += 8
        i += 8
      }
      let stop = min(i + 8, bytes.count)
      while i < stop {
        Self.escape(bytes[i], &out)
        i += 1
      }
    }
    count += out - first
  }

  /// Whether a byte of `word` is a control, a quote or a backslash.
  @inline(__always)
  private static func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let low = (word &- ones &* 0x20) & ~word
    let found = low | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
    return found & tops != 0
  }

  @inline(__always)
  private static func escape(_ byte: UInt8, _ out: inout UnsafeMutablePointer<UInt8>) {
    func put(_ value: UInt8) {
      out.pointee = value
      out += 1
    }
    guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { return put(byte) }
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

  /// Writes `string` as a JSON string, quotes included.
  public mutating func jsonString(_ string: String) {
    byte(0x22)
    jsonEscaped(Array(string.utf8).span.bytes)
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
