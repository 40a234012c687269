import Analysis
import Bytes
import TLS

/// The summary on standard error.
enum SummaryText {
  /// A line of what was found and read, and one for each thing that was left out and may be missed.
  ///
  /// - Parameters:
  ///   - isInterrupted: whether a signal ended the reading.
  ///   - unfinished: WebSocket connections that another signal left without an end.
  ///   - drops: who dropped packets while the capture was made; nil if that is not known.
  static func text(
    _ summary: SummaryRecord, isInterrupted: Bool, unfinished: UInt64 = 0, drops: String? = nil
  ) -> String {
    var found = [count(summary.connections, "WebSocket connection")]
    if summary.refused > 0 { found.append("\(count(summary.refused, "upgrade")) refused") }
    if summary.unanswered > 0 { found.append("\(count(summary.unanswered, "upgrade")) without an answer") }
    found.append("\(count(summary.messages, "message")) in \(count(summary.frames, "frame"))")
    var lines = [
      found.joined(separator: ", ")
        + "; read \(count(summary.packets, "packet")), \(count(summary.tcpConnections, "TCP connection"))"
    ]
    if isInterrupted { lines.append("interrupted: the rest of the input was not read") }
    if unfinished > 0 {
      let verb = unfinished == 1 ? "was" : "were"
      lines.append(
        "interrupted: \(count(unfinished, "WebSocket connection")) \(verb) left without an end, with frames not counted"
      )
    }
    if let tls = tls(summary.tls) { lines.append(tls) }
    if let troubles = troubles(summary) { lines.append(troubles) }
    lines += leftOut(summary, drops)
    return lines.map { "\(Manual.name): \($0)\n" }.joined()
  }

  /// Which TLS connections were not decrypted, and what to do about it.
  private static func tls(_ counts: TLSCounts) -> String? {
    let missed = counts.obstacles.values.reduce(0, +)
    guard missed > 0 else { return nil }
    let hint = "record them with SSLKEYLOGFILE, and name the file with --keylog (docs/tls.md)"
    if counts.obstacles[.noKeys] == missed {
      return "\(count(missed, "TLS connection")) not decrypted, for want of keys: \(hint)"
    }
    let reasons = counts.obstacles.sorted { ($1.value, $0.key.slug) < ($0.value, $1.key.slug) }
      .map { "\($0.key.description) (\(grouped($0.value)))" }
    let wantKeys = [
      TLSObstacle.noKeys, .noSecret, .incompleteSecrets, .noRSAKeyExchange, .wrongPrivateKey, .resumedSession,
    ]
    .contains { counts.obstacles[$0] != nil }
    return "\(count(missed, "TLS connection")) not decrypted: " + reasons.joined(separator: ", ")
      + (wantKeys ? "; as to the keys, \(hint)" : "")
  }

  private static func troubles(_ summary: SummaryRecord) -> String? {
    let kinds = Severity.allCases.reversed().compactMap { severity -> String? in
      let number = summary.diagnostics[severity] ?? 0
      return number > 0 ? count(number, "\(severity.name)") : nil
    }
    return kinds.isEmpty ? nil : "diagnostics: " + kinds.joined(separator: ", ")
  }

  private static func leftOut(_ summary: SummaryRecord, _ dropped: String?) -> [String] {
    var lines: [String] = []
    if summary.missingBytes > 0 {
      let verb = summary.missingBytes == 1 ? "is" : "are"
      lines.append("\(count(summary.missingBytes, "byte")) of WebSocket streams \(verb) not in the capture")
    }
    if summary.undecodedBytes > 0 {
      let verb = summary.undecodedBytes == 1 ? "belongs" : "belong"
      lines.append("\(count(summary.undecodedBytes, "byte")) of WebSocket streams \(verb) to no sure frame")
    }
    if let drops = summary.drops, drops > 0 {
      let by = dropped.map { ": \($0)" } ?? ""
      lines.append("\(count(drops, "packet")) dropped while the capture was made\(by)")
    }
    if summary.cutHandshakes > 0 {
      lines.append(
        "\(count(summary.cutHandshakes, "connection")) with HTTP heads that are not all in the capture: "
          + "an upgrade in them is not seen")
    }
    if summary.suspectedConnections > 0, let port = summary.suspectedPort {
      lines.append(
        "\(count(summary.suspectedConnections, "connection")) without a handshake may be WebSocket, or something like it: "
          + "--assume-websocket \(port) decodes those of port \(port)")
    }
    if summary.damagedBytes > 0 {
      lines.append("\(count(summary.damagedBytes, "byte")) of the input could not be read")
    }
    let unknown = summary.dismissedPackets[.unknownLinkType] ?? 0
    if unknown > 0 { lines.append("\(count(unknown, "packet")) of a link type that is not decoded") }
    let malformed = (summary.dismissedPackets[.malformed] ?? 0) + (summary.dismissedPackets[.nestedTooDeep] ?? 0)
    if malformed > 0 { lines.append("\(count(malformed, "packet")) with damaged or cut headers") }
    let fragments = summary.fragments
    if fragments.incomplete > 0 { lines.append("\(count(fragments.incomplete, "IP datagram")) with fragments missing") }
    let useless = fragments.refused + fragments.cut
    if useless > 0 { lines.append("\(count(useless, "IP fragment")) left out: cut, or too many at once") }
    if fragments.conflicts > 0 {
      lines.append("\(count(fragments.conflicts, "IP fragment")) that contradict earlier ones")
    }
    return lines + limits(summary)
  }

  /// What was left out to keep memory small.
  private static func limits(_ summary: SummaryRecord) -> [String] {
    var lines: [String] = []
    let forgotten = summary.forgottenConnections
    if forgotten > 0 {
      lines.append("\(count(forgotten, "TCP connection")) said nothing for so long that they were forgotten")
    }
    let leftOut = summary.leftOutConnections
    if leftOut > 0 { lines.append("\(count(leftOut, "TCP connection")) left out: too many were open at once") }
    let crowded = summary.crowdedConnections
    if crowded > 0 { lines.append("\(count(crowded, "TCP connection")) held short: too much was held for all") }
    return lines
  }

  /// `1 frame`, `12,345 frames`.
  static func count(_ number: UInt64, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
