#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Something that several threads change, and wait for to be changed.
final class Monitor<Content>: @unchecked Sendable {
  // Touched only by who holds `mutex`.
  private var content: Content
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ content: sending Content) {
    self.content = content
    pthread_mutex_init(mutex, nil)
    #if canImport(Darwin)
      pthread_cond_init(changed, nil)
    #else
      // Waiting must not depend on what the time of day is set to.
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(changed, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Does `body` while no other thread touches the content.
  func withLock<Result>(_ body: (inout Content) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&content)
  }

  /// The same, and wakes those who wait.
  func change<Result>(_ body: (inout Content) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return body(&content)
  }

  /// Waits while `condition` holds, then does `body` as `change` does.
  func wait<Result>(while condition: (borrowing Content) -> Bool, _ body: (inout Content) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    while condition(content) { pthread_cond_wait(changed, mutex) }
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return body(&content)
  }

  /// The same, but waits for so many milliseconds at most.
  func wait<Result>(
    while condition: (borrowing Content) -> Bool, within milliseconds: Int, _ body: (inout Content) -> Result
  ) -> Result {
    #if canImport(Darwin)
      var rest = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    #else
      var deadline = timespec()
      clock_gettime(CLOCK_MONOTONIC, &deadline)
      let nanoseconds = deadline.tv_nsec + milliseconds % 1000 * 1_000_000
      deadline.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
      deadline.tv_nsec = nanoseconds % 1_000_000_000
    #endif
    pthread_mutex_lock(mutex)
    while condition(content) {
      #if canImport(Darwin)
        if pthread_cond_timedwait_relative_np(changed, mutex, &rest) != 0 { break }
      #else
        if pthread_cond_timedwait(changed, mutex, &deadline) != 0 { break }
      #endif
    }
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return body(&content)
  }
}
