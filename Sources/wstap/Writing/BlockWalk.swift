/// How many whole pcapng blocks some bytes begin with.
struct BlockWalk {
  /// Bytes of the whole blocks.
  private(set) var length = 0
  /// How many of them hold a packet.
  private(set) var packets: UInt64 = 0

  /// What is in `bytes`, where a block begins, in either byte order.
  init(_ bytes: UnsafeRawBufferPointer) {
    while let block = Self.block(UnsafeRawBufferPointer(rebasing: bytes[length...])) {
      let type = bytes.loadUnaligned(fromByteOffset: length, as: UInt32.self)
      if [2, 3, 6].contains(min(type, type.byteSwapped)) { packets += 1 }
      length += block
    }
  }

  /// The length of the block that `bytes` begin with, which stands at its begin and at its end; nil if it is not whole.
  private static func block(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 12 else { return nil }
    let raw = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    for length in [min(raw, raw.byteSwapped), max(raw, raw.byteSwapped)].map(Int.init) {
      guard length >= 12, length <= bytes.count, length % 4 == 0 else { continue }
      if bytes.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self) == raw { return length }
    }
    return nil
  }
}
