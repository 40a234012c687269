import Bytes

/// Bytes of capture blocks, one behind the other: appended at the end, taken from the front, without an allocation a block.
public struct BlockBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  /// How many bytes are in it.
  public private(set) var count = 0

  /// An empty buffer with room for `capacity` bytes, 16 or more; it grows as needed.
  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 16)
    base = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Calls `body` with the bytes at `range`, which must lie within the buffer.
  public func withBytes<R, E: Error>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let range = range.clamped(to: 0..<count)
    return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Appends `bytes`.
  public mutating func append(_ bytes: RawSpan) {
    let place = extend(by: bytes.byteCount)
    bytes.withUnsafeBytes { copy($0, to: place) }
  }

  /// Appends the bytes of `other` at `range`.
  public mutating func append(_ other: borrowing BlockBuffer, _ range: Range<Int>) {
    let place = extend(by: range.count)
    other.withBytes(range) { copy($0, to: place) }
  }

  /// Puts `bytes` before the byte at `position`.
  mutating func insert(_ bytes: [UInt8], at position: Int) {
    guard position >= 0, position <= count else { return }
    let tail = position..<count
    _ = extend(by: bytes.count)
    memoryMove(tail, position + bytes.count)
    bytes.withUnsafeBytes { copy($0, to: position) }
  }

  /// Moves the bytes at `range` to `start`, which lies before them.
  public mutating func move(_ range: Range<Int>, to start: Int) {
    guard start >= 0, start <= range.lowerBound, range.upperBound <= count else { return }
    memoryMove(range, start)
  }

  /// Forgets all but the first `length` bytes.
  public mutating func truncate(to length: Int) { count = min(count, max(length, 0)) }

  /// Forgets the first `length` bytes.
  public mutating func removeFirst(_ length: Int) {
    let length = min(max(length, 0), count)
    memoryMove(length..<count, 0)
    count -= length
  }

  /// Overwrites what is left of bytes that were forgotten.
  public mutating func wipeRoom() {
    (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: capacity - count)
  }

  /// Forgets everything, and what room there is above `capacity` bytes.
  public mutating func removeAll(keeping capacity: Int = .max) {
    count = 0
    guard self.capacity > capacity else { return }
    base.deallocate()
    self.capacity = max(capacity, 16)
    base = .allocate(byteCount: self.capacity, alignment: 16)
  }

  /// Makes room for `length` more bytes at the end, which count as there from now on, and gives their place.
  mutating func extend(by length: Int) -> Int {
    if count + length > capacity { grow(to: count + length) }
    count += length
    return count - length
  }

  /// The number at `position`, which is in `order`; 0 where there is none.
  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(_ position: Int, _ order: ByteOrder, as type: T.Type) -> T {
    guard position >= 0, position <= count - MemoryLayout<T>.size else { return 0 }
    let raw = base.loadUnaligned(fromByteOffset: position, as: T.self)
    return order == .big ? T(bigEndian: raw) : T(littleEndian: raw)
  }

  /// Writes `value` at `position` in `order`.
  @inline(__always)
  mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at position: Int, _ order: ByteOrder) {
    let raw = order == .big ? value.bigEndian : value.littleEndian
    guard position >= 0, position + MemoryLayout<T>.size <= count else { return }
    base.storeBytes(of: raw, toByteOffset: position, as: T.self)
  }

  /// Copies `bytes` to `position`.
  @inline(__always)
  mutating func copy(_ bytes: UnsafeRawBufferPointer, to position: Int) {
    guard let source = bytes.baseAddress, position >= 0, position + bytes.count <= count else { return }
    (base + position).copyMemory(from: source, byteCount: bytes.count)
  }

  // Like `memmove`: places may overlap.
  private mutating func memoryMove(_ range: Range<Int>, _ start: Int) {
    (base + start).copyMemory(from: base + range.lowerBound, byteCount: range.count)
  }

  @inline(never)
  private mutating func grow(to length: Int) {
    let larger = max(capacity * 2, length)
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    fresh.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = fresh
    capacity = larger
  }
}
