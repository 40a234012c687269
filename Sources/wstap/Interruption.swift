import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C and SIGTERM: the first one ends the reading as the end of the capture would; a second one ends the program.
enum Interruption {
  /// A signal handler can reach nothing but a global.
  private static let isRequested = Atomic(false)

  /// Whether a signal has come.
  static var isPending: Bool { isRequested.load(ordering: .relaxed) }

  /// Begins to listen.
  static func listen() {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in Interruption.isRequested.store(true, ordering: .relaxed) }
    #else
      action.__sigaction_handler.sa_handler = { _ in Interruption.isRequested.store(true, ordering: .relaxed) }
    #endif
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    _ = isPending  // made now, not in the handler
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
  }
}
