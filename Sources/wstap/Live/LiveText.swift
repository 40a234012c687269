import Bytes

/// What is said of a live capture on standard error.
enum LiveText {
  /// What is said when capturing begins.
  static func beginning(_ interface: String, _ outcome: Privileges.Outcome) -> String {
    let user =
      switch outcome {
      case .became(let user): " as user \(user)"
      case .stayedRootToWrite(let folder):
        " as root without capabilities, since \(Privileges.defaultUser) may not write in \(quoted(folder))"
      case .stayedRoot: " as root without capabilities, since it cannot become \(Privileges.defaultUser)"
      case .dropped: ""
      }
    return "capturing from \(quoted(interface))\(user); Ctrl-C ends it"
  }

  /// What was dropped and by whom: `12 by the system, 3 by wstap itself`; `none` where it is nothing.
  static func drops(_ counts: LiveSource.Counts) -> String {
    let parts = [
      (counts.system.droppedBySystem, "the system, whose buffer was full"),
      (counts.system.droppedByInterface, "the interface"),
      (counts.droppedHere, "wstap, which could not keep up"),
    ].compactMap { count, who in count > 0 ? "\(grouped(count)) by \(who)" : nil }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}
