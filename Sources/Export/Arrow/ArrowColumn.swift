import Bytes

/// The values of one column of a record batch (Arrow Columnar Format, "Physical Memory Layout").
struct ArrowColumn {
  /// The types that are used (Schema.fbs).
  enum Kind: Equatable {
    case integer
    case boolean
    case real
    /// Microseconds since 1970, UTC.
    case timestamp
    /// With offsets of 32 bits.
    case text
    /// With offsets of 64 bits, as a payload can be longer than 2 GiB.
    case longText
    case longBytes
  }

  /// Its name.
  let name: String
  /// Its type.
  let kind: Kind
  /// Whether a value may be missing.
  let isOptional: Bool

  private(set) var count = 0
  private(set) var nulls = 0
  private var validity: [UInt8] = []
  private var integers: [Int64] = []
  private var bits: [UInt8] = []
  private var bytes: [UInt8] = []
  /// Where values end in `bytes`.
  private var ends: [Int64] = []

  init(_ name: String, _ kind: Kind, isOptional: Bool) {
    self.name = name
    self.kind = kind
    self.isOptional = isOptional
  }

  /// Bytes that are kept.
  var size: Int { bytes.count + 8 * (integers.count + ends.count) }

  /// Forgets the values.
  mutating func removeAll() {
    (count, nulls) = (0, 0)
    validity.removeAll(keepingCapacity: true)
    integers.removeAll(keepingCapacity: true)
    bits.removeAll(keepingCapacity: true)
    // One long payload shall not keep its memory.
    bytes.removeAll(keepingCapacity: bytes.count < 1 << 24)
    ends.removeAll(keepingCapacity: true)
  }

  // MARK: Adding a value

  @inline(__always)
  private mutating func add(isValid: Bool) {
    if count & 7 == 0 { validity.append(0) }
    if isValid { validity[count >> 3] |= 1 << UInt8(truncatingIfNeeded: count & 7) } else { nulls += 1 }
    count += 1
  }

  mutating func addNull() {
    switch kind {
    case .integer, .real, .timestamp: integers.append(0)
    case .boolean: if count & 7 == 0 { bits.append(0) }
    case .text, .longText, .longBytes: ends.append(Int64(bytes.count))
    }
    add(isValid: false)
  }

  /// An integer, a time, or the bits of a `Double`.
  mutating func add(_ value: Int64) {
    integers.append(value)
    add(isValid: true)
  }

  mutating func add(_ value: Bool) {
    if count & 7 == 0 { bits.append(0) }
    if value { bits[count >> 3] |= 1 << UInt8(truncatingIfNeeded: count & 7) }
    add(isValid: true)
  }

  mutating func add(_ value: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: value)
    ends.append(Int64(bytes.count))
    add(isValid: true)
  }

  // MARK: Writing

  /// The lengths of its buffers in bytes, in the order in which they are written.
  var bufferLengths: [Int] {
    let first = nulls == 0 ? 0 : validity.count
    switch kind {
    case .integer, .real, .timestamp: return [first, 8 * integers.count]
    case .boolean: return [first, bits.count]
    case .text: return [first, 4 * (count + 1), bytes.count]
    case .longText, .longBytes: return [first, 8 * (count + 1), bytes.count]
    }
  }

  /// Writes the buffer at `index`, without padding.
  func write(_ index: Int, to writer: inout ByteWriter) {
    switch (index, kind) {
    case (0, _): if nulls > 0 { writer.raw(validity.span.bytes) }
    case (1, .integer), (1, .real), (1, .timestamp):
      for integer in integers { writer.little(integer) }
    case (1, .boolean): writer.raw(bits.span.bytes)
    case (1, .text):
      writer.little(Int32(0))
      for end in ends { writer.little(Int32(truncatingIfNeeded: end)) }
    case (1, _):
      writer.little(Int64(0))
      for end in ends { writer.little(end) }
    default: writer.raw(bytes.span.bytes)
    }
  }
}

extension ByteWriter {
  /// Writes an integer in little-endian order.
  @inline(__always)
  mutating func little(_ value: Int64) {
    let bits = UInt64(bitPattern: value).littleEndian
    inline(unsafeBitCast(bits, to: InlineArray<8, UInt8>.self))
  }

  /// Writes an integer in little-endian order.
  @inline(__always)
  mutating func little(_ value: Int32) {
    inline(unsafeBitCast(UInt32(bitPattern: value).littleEndian, to: InlineArray<4, UInt8>.self))
  }
}
