import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C and SIGTERM: the first one ends the reading as the end of the capture would. One that comes when what was read is
/// being brought to its end leaves it at that. Any other ends the program.
enum Interruption {
  /// A signal handler can reach nothing but a global.
  private static let number = Atomic(0)

  /// Whether a signal has come.
  static var isPending: Bool { count > 0 }

  /// How many signals have come.
  static var count: Int { number.load(ordering: .relaxed) }

  /// Begins to listen, for one signal.
  static func listen() {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in Interruption.number.wrappingAdd(1, ordering: .relaxed) }
    #else
      action.__sigaction_handler.sa_handler = { _ in Interruption.number.wrappingAdd(1, ordering: .relaxed) }
    #endif
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    _ = count  // made now, not in the handler
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
  }
}
