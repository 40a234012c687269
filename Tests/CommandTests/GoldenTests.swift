import Foundation
import TestSupport
import Testing

/// What the program prints for the samples, byte by byte: `Samples/golden` shows it to people, and this holds it there.
///
/// `UPDATE_GOLDEN=1 swift test --filter Golden` accepts what is printed now; look at the difference before committing it.
@Suite("Golden outputs")
struct GoldenTests {
  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  @Test("the program prints what Samples/golden says", arguments: GoldenFile.all)
  func output(_ golden: GoldenFile) throws {
    let run = try runTool(golden.arguments)
    #expect(run.code == (golden.name.hasPrefix("refused-403") ? 1 : 0), "\(run.error)")
    if Self.isUpdating {
      try Data(run.output).write(to: golden.url)
      return
    }
    let expected = FileManager.default.contents(atPath: golden.url.path()).map { [UInt8]($0) } ?? []
    if run.output != expected { Issue.record("\(golden.difference(from: expected, to: run.output))") }
  }

  @Test("every file in Samples/golden has an owner, and all of them are small", .disabled(if: isUpdating))
  func folder() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: GoldenFile.folder.path()).sorted()
    #expect(names == GoldenFile.all.map(\.name).sorted())
    let sizes = names.map {
      FileManager.default.contents(atPath: GoldenFile.folder.appending(path: $0).path())?.count ?? 0
    }
    #expect(sizes.allSatisfy { $0 < 30_000 } && sizes.reduce(0, +) < 400_000)
  }

  @Test("Samples/README.md leads to every golden file, by the command that prints it")
  func document() throws {
    let text = try String(contentsOf: SampleFiles.repository.appending(path: "Samples/README.md"), encoding: .utf8)
    let links = text.matches(of: /\[`(wstap [^`]+)`\]\((golden\/[^)]+)\)/).map { "\($0.output.1) > \($0.output.2)" }
    #expect(links.sorted() == GoldenFile.all.map(\.testDescription).sorted())
  }

  @Test(
    "the same input gives the same bytes, run after run",
    arguments: ["text", "tree", "ndjson", "json", "arrow", "har", "csv"])
  func deterministic(format: String) throws {
    let arguments = ["--format", format] + SampleFiles.names.map { "Samples/\($0)" }
    let first = try runTool(arguments)
    #expect(first.code == 0 && (first.lines.count > 300 || ["arrow", "har", "csv"].contains(format)))
    #expect(try runTool(arguments).output == first.output)
  }
}

/// A file in `Samples/golden`, and what prints it.
struct GoldenFile: CustomTestStringConvertible, Sendable {
  static let folder = SampleFiles.repository.appending(path: "Samples/golden")

  /// Samples that are shown as JSON too, because their records say more than their text.
  private static let records = [
    "capture-gap", "close-1002-unmasked", "close-1007-bad-utf8", "connection-reset", "fragmented-with-ping",
    "handshake-faults", "joined-midway", "node-ws-json", "python-websockets-deflate", "quiet-ends", "refused-403",
    "refused-then-accepted", "tls13-secrets-inside", "wrong-accept",
  ]
  /// Samples that are shown as trees too.
  private static let trees = ["close-1007-bad-utf8", "fragmented-with-ping", "masked-lengths", "tls13-key-log"]
  /// Samples that are shown in other formats, by format.
  private static let others: [(format: String, samples: [String])] = [
    ("json", ["refused-then-accepted"]), ("har", ["refused-then-accepted", "python-websockets-deflate"]),
    ("csv", ["browser-chat", "subprotocol-stomp"]), ("tsv", ["browser-chat", "subprotocol-stomp"]),
  ]
  private static let rolled = ["Samples/rolled-1.pcap", "Samples/rolled-2.pcap"]

  static let all: [GoldenFile] = {
    let samples = SampleFiles.names
    var files = samples.map { GoldenFile(name: "\(stem($0)).txt", arguments: input($0)) }
    files.append(GoldenFile(name: "rolled.txt", arguments: rolled))
    files.append(GoldenFile(name: "rolled.ndjson", arguments: ["--json"] + rolled))
    files.append(
      GoldenFile(name: "ping-pong-keepalive.stats", arguments: ["--stats", "Samples/ping-pong-keepalive.pcap"]))
    for sample in samples where records.contains(stem(sample)) {
      files.append(GoldenFile(name: "\(stem(sample)).ndjson", arguments: ["--json"] + input(sample)))
    }
    for sample in samples where trees.contains(stem(sample)) {
      files.append(GoldenFile(name: "\(stem(sample)).tree", arguments: ["--format", "tree"] + input(sample)))
    }
    for (format, stems) in others {
      for sample in samples where stems.contains(stem(sample)) {
        files.append(GoldenFile(name: "\(stem(sample)).\(format)", arguments: ["--format", format] + input(sample)))
      }
    }
    return files
  }()

  var name: String
  var arguments: [String]

  var url: URL { Self.folder.appending(path: name) }
  var testDescription: String { "wstap \(arguments.joined(separator: " ")) > golden/\(name)" }

  /// The sample, and the key log beside it if there is one.
  private static func input(_ sample: String) -> [String] {
    let keys = "Samples/\(stem(sample)).keys"
    let hasKeys = FileManager.default.fileExists(atPath: SampleFiles.repository.appending(path: keys).path())
    return ["Samples/\(sample)"] + (hasKeys ? ["--keylog", keys] : [])
  }

  /// `browser-chat` of `browser-chat.pcap`.
  private static func stem(_ sample: String) -> String { sample.split(separator: ".").first.map(String.init) ?? sample }

  /// The first lines that differ, and how to accept them.
  func difference(from expected: [UInt8], to found: [UInt8]) -> String {
    let lines = [expected, found].map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
    let count = max(lines[0].count, lines[1].count)
    let different = (0..<count).filter { index in
      index >= lines[0].count || index >= lines[1].count || lines[0][index] != lines[1][index]
    }
    var text = [
      "Samples/golden/\(name) differs in \(different.count) lines, first in line \((different.first ?? 0) + 1):"
    ]
    for (sign, lines) in zip(["-", "+"], lines) {
      text += different.prefix(3).filter { $0 < lines.count }.map { "\(sign) \(lines[$0].prefix(400))" }
    }
    text.append("To accept what the program prints now: UPDATE_GOLDEN=1 swift test --filter Golden")
    return text.joined(separator: "\n")
  }
}
