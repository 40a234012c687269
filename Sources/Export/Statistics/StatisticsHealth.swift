import Analysis
import Bytes
import Statistics

/// What a report says of the capture itself, and facts of connections, in words.
enum StatisticsHealth {
  /// What is missing, and what could not be read: each as a phrase.
  static func troubles(_ report: StatisticsReport) -> [String] {
    let summary = report.summary
    var troubles: [String] = []
    func add(_ count: UInt64, _ text: String) { if count > 0 { troubles.append(text) } }
    add(summary.unreadFiles, "\(Phrase.count(summary.unreadFiles, "input file")) not read, or not to the end")
    add(summary.drops ?? 0, "\(Phrase.count(summary.drops ?? 0, "packet")) dropped while capturing")
    add(summary.missingBytes, "\(Phrase.size(summary.missingBytes)) missing of WebSocket connections")
    add(summary.undecodedBytes, "\(Phrase.size(summary.undecodedBytes)) in which no sure frame was found")
    add(summary.damagedBytes, "\(Phrase.size(summary.damagedBytes)) of the files are damaged or cut")
    add(summary.cutHandshakes, "\(Phrase.count(summary.cutHandshakes, "HTTP head")) of which only a part was captured")
    add(
      summary.suspectedConnections,
      "\(Phrase.count(summary.suspectedConnections, "connection")) that may be WebSocket, without a handshake")
    let closed = summary.tls.obstacles.values.reduce(0, +)
    add(closed, "\(Phrase.count(closed, "TLS connection")) not decrypted")
    add(
      summary.leftOutConnections,
      "\(Phrase.count(summary.leftOutConnections, "connection")) left out: too many were open")
    return troubles
  }

  /// `client 3.1 times, server 2.4 times smaller`; nil if nothing was compressed.
  static func gain(_ report: StatisticsReport) -> String? {
    let parts = [("client", report.client), ("server", report.server)].compactMap { name, sent in
      sent.gain.map { "\(name) \(Phrase.rate($0))x (\(Phrase.size(sent.compressedBytes)) on the wire)" }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// What a connection comes to, in words.
enum ConnectionLine {
  static func list(_ connection: ConnectionStatistics) -> [String] {
    var facts: [String] = []
    switch connection.outcome {
    case .upgraded: break
    case .refused: return ["refused\(connection.status.map { ": \($0)" } ?? "")"]
    case .unanswered: return ["no answer in the capture"]
    }
    if let end = connection.end { facts.append(Phrase.duration(end.duration)) }
    for (name, sent) in [("client", connection.client), ("server", connection.server)] {
      var words = "\(name) \(Phrase.count(sent.messages, "message")) \(Phrase.size(sent.payloadBytes))"
      if let gain = sent.gain { words += " (\(Phrase.rate(gain))x inflated)" }
      facts.append(words)
    }
    if let server = connection.roundTrip.server, let client = connection.roundTrip.client {
      facts.append("network \(Phrase.duration(server + client))")
    }
    if let mean = connection.pings.mean { facts.append("ping \(duration(mean)) (\(connection.pings.count))") }
    if let mean = connection.replies.mean { facts.append("reply \(duration(mean)) (\(connection.replies.count))") }
    if let idle = connection.end?.idle, idle >= 1_000_000_000 { facts.append("idle \(Phrase.duration(idle))") }
    let missing = connection.client.missingBytes &+ connection.server.missingBytes
    if missing > 0 { facts.append("\(Phrase.size(missing)) missing") }
    if connection.faults > 0 { facts.append(Phrase.count(connection.faults, "fault")) }
    return facts
  }

  private static func duration(_ nanoseconds: Double) -> String {
    Phrase.duration(Int64(exactly: nanoseconds.rounded()) ?? .max)
  }
}

extension Phrase {
  /// `0.25`, `3.4`, `120`: two digits, or three.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "∞" }
    if value >= 100 || value == value.rounded() && value >= 10 { return grouped(UInt64(value.rounded())) }
    let scale: Double = value >= 10 ? 10 : value >= 1 ? 10 : 100
    let scaled = UInt64((value * scale).rounded())
    let (whole, part) = (scaled / UInt64(scale), scaled % UInt64(scale))
    return scale == 10 ? "\(whole).\(part)" : "\(whole).\(part < 10 ? "0" : "")\(part)"
  }
}
