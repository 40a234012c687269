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
    #if canImport(Darwin)
      let signals = [SIGUSR1, SIGINFO]
    #else
      let signals = [SIGUSR1]
    #endif
    SignalHandler.set(
      { _ in StatisticsRequest.number.wrappingAdd(1, ordering: .relaxed) }, flags: Int32(SA_RESTART), for: signals)
  }
}
