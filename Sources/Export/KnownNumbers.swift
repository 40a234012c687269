import Synchronization

/// The numbers that the connections of a share have among all, as far as they are known: told by who puts the shares' outputs
/// together, asked by who writes one of them, in another thread. Those that it has no room for are not known.
public final class KnownNumbers: Sendable {
  /// A number of the share selects a slot by its low bits (128 KiB in all).
  private static let slots = 1 << 14

  /// Each has a number of the share in its low half, and the one among all in its high half; 0: nothing.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>

  /// No number is known.
  public init() {
    words = .allocate(capacity: Self.slots)
    for i in 0..<Self.slots { (words + i).initialize(to: Atomic(0)) }
  }

  deinit {
    words.deinitialize(count: Self.slots)
    words.deallocate()
  }

  /// The connection `number` of the share, from 1, is `known` among all.
  public func tell(_ number: UInt64, is known: UInt64) {
    guard let number = UInt32(exactly: number), let known = UInt32(exactly: known) else { return }
    word(UInt64(number)).pointee.store(UInt64(known) << 32 | UInt64(number), ordering: .relaxed)
  }

  /// The number among all of the connection `number` of the share, from 1; nil if it is not known.
  @inline(__always)
  public subscript(number: UInt64) -> UInt64? {
    let word = word(number).pointee.load(ordering: .relaxed)
    return word & 0xFFFF_FFFF == number ? word >> 32 : nil
  }

  @inline(__always)
  private func word(_ number: UInt64) -> UnsafeMutablePointer<Atomic<UInt64>> {
    words + Int(truncatingIfNeeded: number & UInt64(Self.slots - 1))
  }
}
