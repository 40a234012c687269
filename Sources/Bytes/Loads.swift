/// Integer reads from raw bytes.
///
/// All of them check bounds and trap outside; a decoder asks for `byteCount` first, so that a length from the wire never
/// reaches a trap. Unaligned reads are fine.
extension RawSpan {
  /// The byte at `offset`.
  @inlinable @inline(__always)
  public func u8(_ offset: Int) -> UInt8 {
    unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit integer at `offset`, in network byte order.
  @inlinable @inline(__always)
  public func u16(_ offset: Int) -> UInt16 {
    UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit integer at `offset`, in network byte order.
  @inlinable @inline(__always)
  public func u32(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The 64-bit integer at `offset`, in network byte order.
  @inlinable @inline(__always)
  public func u64(_ offset: Int) -> UInt64 {
    UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The integer of `count` bytes at `offset`, in network byte order: 1, 2, 4 or 8.
  @inlinable
  public func unsigned(_ offset: Int, bytes count: Int) -> UInt64 {
    switch count {
    case 1: UInt64(u8(offset))
    case 2: UInt64(u16(offset))
    case 4: UInt64(u32(offset))
    default: u64(offset)
    }
  }

  /// The integer at `offset`, in the byte order `order`.
  @inlinable @inline(__always)
  public func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ order: ByteOrder, as type: T.Type = T.self)
    -> T
  {
    let raw = unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
    return order == .big ? T(bigEndian: raw) : T(littleEndian: raw)
  }
}

/// The order of an integer's bytes.
public enum ByteOrder: Sendable {
  /// Most significant byte first: network byte order.
  case big
  /// Least significant byte first.
  case little
}
