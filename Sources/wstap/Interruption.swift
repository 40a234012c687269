import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C, SIGTERM and SIGHUP: the first one ends the reading as the end of the capture would. One that comes when what was read is
/// being brought to its end leaves it at that. Any other ends the program.
enum Interruption {
  /// A signal handler can reach nothing but a global.
  private static let number = Atomic(0)

  /// Whether a signal has come.
  static var isPending: Bool { count > 0 }

  /// How many signals have come.
  static var count: Int { number.load(ordering: .relaxed) }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

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
    // Where a terminal goes; but not if somebody wants it to go on then, as nohup does.
    var before = sigaction()
    sigaction(SIGHUP, nil, &before)
    if !Self.isIgnored(before) { sigaction(SIGHUP, &action, nil) }
  }
}
