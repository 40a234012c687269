import Export
import LiveCapture

/// What `-D` prints.
enum InterfaceTable {
  /// One interface a line: name, state, addresses, and what the system says about it. Columns are separated by two spaces, and
  /// none but the last has two in it.
  static func text(_ interfaces: [NetworkInterface]) -> String {
    let rows = interfaces.map { interface in
      [interface.name, state(interface), addresses(interface), interface.description ?? ""]
        .map { escapedForTerminal(Array($0.utf8)) }
    }
    let widths = (0..<3).map { column in rows.map(\.[column].count).max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (text, width) in zip(row, widths + [0]) {
        line += text + String(repeating: " ", count: max(0, width - text.count)) + "  "
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private static func state(_ interface: NetworkInterface) -> String {
    guard interface.isUp else { return interface.hasState ? "down" : "-" }
    var words = [interface.isDisconnected ? "up, no link" : interface.isRunning ? "up" : "up, not running"]
    if interface.isLoopback { words.append("loopback") }
    if interface.isWireless { words.append("wireless") }
    return words.joined(separator: ", ")
  }

  private static func addresses(_ interface: NetworkInterface) -> String {
    interface.addresses.isEmpty ? "-" : interface.addresses.joined(separator: " ")
  }
}
