#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes that stay where they are, so that they can be written from there.
final class ChunkBytes {
  /// Room that there is from the start (512 KiB): more than what an exporter gathers.
  private static let usual = 1 << 19

  private(set) var base = UnsafeMutablePointer<UInt8>.allocate(capacity: usual)
  private var capacity = usual
  private(set) var count = 0

  deinit { base.deallocate() }

  /// Takes a buffer with `count` bytes in it, and gives its own one and that one's capacity.
  func exchange(_ base: UnsafeMutablePointer<UInt8>, _ capacity: Int, _ count: Int) -> (
    UnsafeMutablePointer<UInt8>, Int
  ) {
    defer { (self.base, self.capacity, self.count) = (base, capacity, count) }
    return (self.base, self.capacity)
  }

  /// Forgets the bytes. False if it has become too large, or small, to be used again.
  fileprivate func empty() -> Bool {
    count = 0
    return (Self.usual...4 * Self.usual).contains(capacity)
  }
}

/// `ChunkBytes` to be used again: the system takes longer to give new memory than it takes to fill it.
final class ChunkPool: @unchecked Sendable {
  // Touched only by who holds `mutex`.
  private var free: [ChunkBytes] = []
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Some that hold nothing.
  func take() -> ChunkBytes {
    pthread_mutex_lock(mutex)
    let bytes = free.popLast()
    pthread_mutex_unlock(mutex)
    return bytes ?? ChunkBytes()
  }

  /// Takes back some that nobody uses any more.
  func give(_ bytes: ChunkBytes) {
    guard bytes.empty() else { return }
    pthread_mutex_lock(mutex)
    free.append(bytes)
    pthread_mutex_unlock(mutex)
  }
}
