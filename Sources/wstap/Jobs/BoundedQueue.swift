#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A queue between two threads that holds a few elements: who puts waits while it is full, who takes while it is empty.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  // All below is touched only by who holds `mutex`.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var elements: [Element] = []
  private var isClosed = false
  private let most: Int

  /// A queue for `most` elements.
  init(most: Int) {
    self.most = most
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

  /// Adds `element`, once there is room. In a closed queue it is forgotten.
  func put(_ element: sending Element) {
    pthread_mutex_lock(mutex)
    while elements.count >= most, !isClosed { pthread_cond_wait(changed, mutex) }
    if !isClosed { elements.append(element) }
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
  }

  /// Adds `element` if there is room; false if not.
  func offer(_ element: sending Element) -> Bool {
    pthread_mutex_lock(mutex)
    let isTaken = elements.count < most && !isClosed
    if isTaken { elements.append(element) }
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
    return isTaken
  }

  /// Whether there is nothing in it.
  var isEmpty: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return elements.isEmpty
  }

  /// Whether it is closed and empty.
  var isOver: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return elements.isEmpty && isClosed
  }

  /// The next element, if there is one within so many milliseconds.
  func take(within milliseconds: Int) -> Element? {
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
    while elements.isEmpty, !isClosed {
      #if canImport(Darwin)
        if pthread_cond_timedwait_relative_np(changed, mutex, &rest) != 0 { break }
      #else
        if pthread_cond_timedwait(changed, mutex, &deadline) != 0 { break }
      #endif
    }
    let element = elements.isEmpty ? nil : elements.removeFirst()
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
    return element
  }

  /// The next element, once there is one; nil when the queue is closed and empty.
  func take() -> Element? {
    pthread_mutex_lock(mutex)
    while elements.isEmpty, !isClosed { pthread_cond_wait(changed, mutex) }
    let element = elements.isEmpty ? nil : elements.removeFirst()
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
    return element
  }

  /// Nothing more is put in, or taken out: nobody waits any more.
  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}
