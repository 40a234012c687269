/// A growing buffer that text and JSON are written into, made so that a record costs tens of nanoseconds.
///
/// With a `drain` it never grows far past `threshold`, or 64 KiB if that is more: full buffers are handed over and
/// forgotten, also in the middle of a long string. Without one it keeps all that is written.
public struct ByteWriter: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  @usableFromInline var used = 0
  /// Bytes in the buffer.
  @inlinable public internal(set) var count: Int {
    get { used }
    set { used = newValue }
  }
  @usableFromInline var table: Base64Table?
  /// Bytes that were handed over.
  @usableFromInline var handedOver: UInt64 = 0
  /// Bytes that were written, handed over or not.
  @inlinable public var written: UInt64 { handedOver &+ UInt64(truncatingIfNeeded: used) }

  /// How many bytes may gather before `drain` is called, in bytes.
  public let threshold: Int
  /// Whether JSON strings also escape what could drive a terminal: DEL, C1 controls, and characters that reorder text.
  public var escapesForTerminal = false
  /// Takes the buffer's bytes when `threshold` of them have gathered, or on `flush()`.
  public var drain: ((UnsafeRawBufferPointer) -> Void)?

  /// Takes the buffer itself, its capacity and how many bytes are in it, and gives another one and its capacity in its place;
  /// instead of `drain`. Buffers are made by `allocate(capacity:)`.
  public var exchange: ((UnsafeMutablePointer<UInt8>, Int, Int) -> (UnsafeMutablePointer<UInt8>, Int))?

  /// An empty writer.
  public init(threshold: Int = 256 * 1024) {
    self.threshold = threshold
    capacity = 64 * 1024
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// Makes room for `extra` more bytes and gives the place to write them at.
  @inlinable @inline(__always)
  mutating func room(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
    if used &+ extra > capacity { grow(extra) }
    return base + used
  }

  @usableFromInline @inline(never)
  mutating func grow(_ extra: Int) {
    let larger = max(capacity * 2, count + extra)
    let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    fresh.update(from: base, count: count)
    base.deallocate()
    base = fresh
    capacity = larger
  }

  /// Hands over what was written, if `threshold` bytes have gathered.
  @inlinable @inline(__always)
  public mutating func flushIfFull() {
    if used >= threshold { flush() }
  }

  /// Hands over what was written, in the middle of a long content; short records stay in one piece.
  mutating func flushIfLong() {
    if count >= max(threshold, 64 * 1024) { flush() }
  }

  /// Hands over what was written; without a `drain` nothing happens.
  public mutating func flush() {
    guard count > 0 else { return }
    if let exchange {
      let bytes = count
      (base, capacity) = exchange(base, capacity, bytes)
    } else if let drain {
      drain(UnsafeRawBufferPointer(start: base, count: count))
    } else {
      return
    }
    handedOver += UInt64(count)
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
  @inlinable @inline(__always)
  public mutating func literal(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    UnsafeMutableRawPointer(room(length)).copyMemory(from: text.utf8Start, byteCount: length)
    used &+= length
  }

  /// Writes a few bytes whose number is known when compiling.
  @inlinable @inline(__always)
  public mutating func inline<let n: Int>(_ bytes: InlineArray<n, UInt8>) {
    let place = room(n)
    bytes.span.withUnsafeBytes {
      UnsafeMutableRawPointer(place).copyMemory(from: $0.baseAddress ?? .init(place), byteCount: n)
    }
    used &+= n
  }

  /// Writes one byte.
  @inlinable @inline(__always)
  public mutating func byte(_ value: UInt8) {
    room(1).pointee = value
    used &+= 1
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
}
