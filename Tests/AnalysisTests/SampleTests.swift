import Analysis
import Foundation
import TestSupport
import Testing
import WebSocket

/// The samples, against what the peers themselves logged (Samples/README.md).
@Suite("What real programs said to each other")
struct SampleTests {
  /// A sample's captures, and what of the log they do not hold.
  struct Sample: CustomTestStringConvertible, Sendable {
    var name: String
    var files: [String]
    var testDescription: String { name }

    static let whole: [Sample] = all.filter { !["capture-gap", "short-snaplen", "cut-short"].contains($0.name) }

    private static let all: [Sample] = {
      var samples: [String: [String]] = [:]
      for file in SampleFiles.names {
        let name = String(file.prefix { $0 != "." })
        samples[name.hasPrefix("rolled") ? "rolled" : name, default: []].append(file)
      }
      // Begun before the capture; without a log; made by hand.
      let others = [
        "joined-midway", "subprotocol-mqtt", "handshake-faults",
        "frame-faults",
        "quiet-ends", "capture-drops",
      ]
      return samples.filter { !others.contains($0.key) }.map { Sample(name: $0, files: $1) }.sorted {
        $0.name < $1.name
      }
    }()

    func analyzed() throws -> RecordCollector {
      var options = AnalyzerOptions()
      options.messages.stored = 1 << 20
      return try analyze(files: files.map { try SampleFiles.capture($0) }, options, keyLog: SampleFiles.keyLog(name))
    }

    /// The lines of the log.
    func truth() throws -> [JSONValue] {
      let file = SampleFiles.repository.appending(path: "Samples/truth/\(name).jsonl")
      return try Data(contentsOf: file).split(separator: 0x0A).map { try JSONValue(parsing: $0) }
    }
  }

  /// What an end sent: kind, length, hash.
  private struct Sent: Equatable, CustomStringConvertible {
    var kind: String
    var length: UInt64
    var hash: String
    var description: String { "\(kind) of \(length) bytes \(hash.prefix(8))" }
  }

  /// The messages that each end sent, by "client" or "server" and the client's port.
  private static func sent(_ truth: [JSONValue]) -> [String: [Sent]] {
    var sent: [String: [Sent]] = [:]
    for line in truth where line["dir"]?.string == "send" {
      guard let kind = line["op"]?.string, ["text", "binary"].contains(kind), let key = key(line) else { continue }
      sent[key, default: []].append(
        Sent(kind: kind, length: line["len"]?.integer ?? 0, hash: line["sha256"]?.string ?? ""))
    }
    return sent
  }

  private static func key(_ line: JSONValue) -> String? {
    guard let who = line["who"]?.string, let ports = line["conn"]?.string else { return nil }
    return "\(who.prefix { $0 != ":" }) \(ports.prefix { $0 != "-" })"
  }

  private static func sent(_ seen: RecordCollector) -> [String: [Sent]] {
    var sent: [String: [Sent]] = [:]
    for case .message(let record, let content) in seen.records {
      sent["\(record.sender.name) \(record.connection.client.port)", default: []].append(
        Sent(
          kind: "\(record.message.opcode.name)", length: record.message.length,
          hash: record.message.isComplete ? sha256(content) : "incomplete"))
    }
    return sent
  }

  @Test("every message, by kind, length and SHA-256, in order", arguments: Sample.whole)
  func messages(_ sample: Sample) throws {
    let seen = try sample.analyzed()
    let truth = Self.sent(try sample.truth())
    #expect(Self.sent(seen) == truth)
    #expect(!seen.slugs.contains { $0.hasPrefix("tcp.") }, "\(seen.slugs)")
  }

  @Test("how each connection was opened and closed", arguments: Sample.whole)
  func ends(_ sample: Sample) throws {
    let seen = try sample.analyzed()
    let truth = try sample.truth()
    func events(_ op: String) -> [JSONValue] { truth.filter { $0["op"]?.string == op } }
    let opened = Set(events("open").compactMap { $0["conn"]?.string }).count
    #expect(seen.connections.count { $0.isUpgraded } >= opened)
    #expect(seen.connections.count { !$0.isUpgraded } == events("refused").count)
    #expect(seen.ends.count == seen.connections.count { $0.isUpgraded })
    for event in events("closed") {
      let ports = event["conn"]?.string ?? ""
      let end = try #require(seen.ends.first { ports.hasPrefix("\($0.connection.client.port)-") })
      let isClient = event["who"]?.string?.hasPrefix("client") == true
      if let received = event["close_rcvd"]?.elements {
        let close = isClient ? end.serverClose : end.clientClose
        let code = received.first?.integer
        #expect(close?.code?.rawValue == (code == 1006 ? nil : code.map { UInt16($0) }), "\(event)")
        #expect(code == 1006 || close?.text == received.last?.string, "\(event)")
      }
      if let wasClean = event["wasClean"]?.bool {
        #expect(end.isClean == wasClean)
        #expect(end.browserCode?.rawValue == event["code"]?.integer.map { UInt16($0) })
      }
    }
  }

  // MARK: Samples that do not hold all

  @Test("capture-gap: the second of the server's messages is incomplete, and the third is not")
  func captureGap() throws {
    let sample = Sample(name: "capture-gap", files: ["capture-gap.pcap"])
    let seen = try sample.analyzed()
    let truth = Self.sent(try sample.truth())
    for (key, mine) in Self.sent(seen) {
      let sent = try #require(truth[key])
      #expect(mine.map(\.length) == sent.map(\.length))
      let differing = zip(mine, sent).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      #expect(differing == (key.hasPrefix("server") ? [1] : []))
    }
    #expect(seen.slugs == ["tcp.gap"])
    #expect(seen.summary?.missingBytes ?? 0 > 0)
  }

  @Test("short-snaplen: lengths are known, contents are not")
  func shortSnaplen() throws {
    let sample = Sample(name: "short-snaplen", files: ["short-snaplen.pcap"])
    let seen = try sample.analyzed()
    let truth = Self.sent(try sample.truth())
    for (key, mine) in Self.sent(seen) {
      #expect(mine.map(\.length) == truth[key]?.map(\.length))
      if key.hasPrefix("server") { #expect(mine.allSatisfy { $0.hash == "incomplete" }) }
    }
    #expect(Set(seen.slugs) == ["tcp.snapped"])
  }

  @Test("cut-short: all before the server's last message")
  func cutShort() throws {
    let sample = Sample(name: "cut-short", files: ["cut-short.pcap"])
    let mine = Self.sent(try sample.analyzed())
    for (key, sent) in Self.sent(try sample.truth()) {
      let held = mine[key] ?? []
      #expect(sent.starts(with: held))
      #expect(!held.isEmpty)
      if key.hasPrefix("server") { #expect(held.count == sent.count - 1) }
    }
  }
}
