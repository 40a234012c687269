import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// SIGUSR1, and SIGINFO where there is one (Ctrl-T): somebody wants to know how the capture stands.
enum StatisticsRequest {
  /// A signal handler can reach nothing but a global.
  private static let number = Atomic(0)

  /// How many have come.
  static var count: Int { number.load(ordering: .relaxed) }

  /// Begins to listen.
  static func listen() {
    _ = count  // made now, not in the handler
    var action = sigaction()
    action.sa_flags = Int32(SA_RESTART)
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in StatisticsRequest.number.wrappingAdd(1, ordering: .relaxed) }
      sigaction(SIGINFO, &action, nil)
    #else
      action.__sigaction_handler.sa_handler = { _ in StatisticsRequest.number.wrappingAdd(1, ordering: .relaxed) }
    #endif
    sigaction(SIGUSR1, &action, nil)
  }
}
