#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes that stay where they are, so that they can be written from there.
final class ChunkBytes {
  /// Room that there is from the start (1 MiB).
  private static let usual = 1 << 20

  private(set) var base = UnsafeMutableRawPointer.allocate(byteCount: usual, alignment: 16)
  private var capacity = usual
  private(set) var count = 0

  deinit { base.deallocate() }

  /// Adds `bytes`; what was there may move.
  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    if count + bytes.count > capacity {
      capacity = max(2 * capacity, count + bytes.count)
      let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
      larger.copyMemory(from: base, byteCount: count)
      base.deallocate()
      base = larger
    }
    (base + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Forgets the bytes. False if it has become too large to be used again.
  fileprivate func empty() -> Bool {
    count = 0
    return capacity == Self.usual
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
