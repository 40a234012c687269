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

  /// Begins to listen, for one signal.
  static func listen() {
    _ = count  // made now, not in the handler
    let flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    // SIGHUP: where a terminal goes; but not if somebody wants it to go on then, as nohup does.
    let signals = [SIGINT, SIGTERM] + (SignalHandler.isIgnored(SIGHUP) ? [] : [SIGHUP])
    SignalHandler.set({ _ in Interruption.number.wrappingAdd(1, ordering: .relaxed) }, flags: flags, for: signals)
  }
}
