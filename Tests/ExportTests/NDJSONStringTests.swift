import Foundation
import TestSupport
import Testing

/// Strings from the wire, however hostile, come out of a JSON reader as they went in.
struct NDJSONStringTests {
  /// The headers that the request has under `name`.
  private static func headers(_ name: String, in connection: JSONValue) -> [String] {
    (connection["request"]?["headers"]?.elements ?? []).compactMap { pair in
      pair.elements?.first?.string == name ? pair.elements?.last?.string : nil
    }
  }

  @Test func headersSurviveARoundTrip() throws {
    let connection = try #require(try Output(hostile: "headers").all("connection").first)
    func header(_ name: String) -> [String] { Self.headers(name, in: connection) }
    #expect(header("X-Text").map { Array($0.utf8) } == [HostileConversations.nasty(isUTF8: true)])
    #expect(header("X-Null") == ["a\0b"])
    #expect(header("X-Empty") == ["", "again"], "in wire order, none lost")
    #expect(header("X-Folded") == ["one two"])
    #expect(header("Ã(") == ["1"], "a name that is not UTF-8 either")
  }

  @Test func headersThatAreNotUTF8AreReadAsLatin1SoThatNoByteIsLost() throws {
    let connection = try #require(try Output(hostile: "headers").all("connection").first)
    for (name, bytes) in [
      ("X-Latin", [0xE4, 0x22, 0xFF, 0x80]), ("X-Mixed", HostileConversations.nasty(isUTF8: false)),
    ] {
      let value = try #require(Self.headers(name, in: connection).first)
      #expect(value.unicodeScalars.map { UInt8(exactly: $0.value) } == bytes)
      #expect(!value.unicodeScalars.contains("\u{FFFD}"))
    }
  }

  @Test func targetsAndURLsSurviveARoundTrip() throws {
    let connection = try #require(try Output(hostile: "target").all("connection").first)
    let target = "/\"\\\u{1}äÿâ\u{80}¨"
    #expect(connection["request"]?["target"] == .string(target))
    #expect(connection["url"] == .string("ws://example.org\(target)"))
  }

  @Test func extensionsSurviveARoundTrip() throws {
    let connection = try #require(try Output(hostile: "extensions").all("connection").first)
    let offered = try #require(connection["offered_extensions"]?.elements)
    #expect(offered.first?["name"] == .string("a"))
    #expect(offered.first?["parameters"]?.keys == ["b", "c"], "of parameters with the same name, the first")
    #expect(offered.first?["parameters"]?["b"] == .null && offered.first?["parameters"]?["c"] == .string("d"))
    #expect(connection["extensions"]?.keys == ["mystery", "permessage-deflate"])
    #expect(connection["extensions"]?["mystery"]?["x"] == .string("1"))
    let deflate = try #require(connection["extensions"]?["permessage-deflate"])
    #expect(deflate["client_max_window_bits"]?.integer == 15 && deflate["client_no_context_takeover"] == .bool(false))
  }

  @Test func textAndReasonsSurviveARoundTrip() throws {
    let nasty = HostileConversations.nasty(isUTF8: true)
    let texts = try Output(hostile: "text").all("message").filter { $0["kind"]?.string == "text" }
    #expect(texts.prefix(2).map(\.payload) == [nasty, nasty])
    let reasons = try Output(hostile: "close frames").all("frame").compactMap {
      $0["close"]?["reason"]?.string
    }
    #expect(reasons.count { Array($0.utf8) == nasty } == 2)
  }

  @Test func numbersBeyondWhatADoubleHoldsAreWrittenInFull() throws {
    let frames = try Output(hostile: "length of 2^64 - 1").all("frame")
    #expect(frames.map { $0["length"] } == [.number("18446744073709551615"), .number("18446744073709551615")])
    #expect(frames.allSatisfy { $0["complete"] == .bool(false) && $0["captured_length"]?.integer == 3 })
  }

  @Test(.enabled(if: Python.isThere, "python3 is not installed"))
  func pythonReadsEveryLineAndTheSameStrings() throws {
    var lines: [[UInt8]] = []
    for name in HostileConversations.all.keys.sorted() { lines += try Output(hostile: name).lines }
    for name in ["browser-chat.pcap", "close-1007-bad-utf8.pcap", "subprotocol-mqtt.pcap"] {
      lines += try Output(samples: name).lines
    }
    // Python writes each line anew, in ASCII: what it writes must mean the same. Fractions keep their digits.
    let script = """
      import json, re, sys
      for l in sys.stdin.buffer:
          text = json.dumps(json.loads(l, parse_float=lambda digits: f"<fraction {digits}>"))
          print(re.sub('"<fraction ([^>]*)>"', "\\\\1", text))
      """
    let copies = try Python.run(script, input: lines.flatMap { $0 + [0x0A] }).split(separator: 0x0A)
    #expect(copies.count == lines.count)
    for (line, copy) in zip(lines, copies) {
      let pair = (try JSONValue(parsing: line), try JSONValue(parsing: copy))
      #expect(pair.0 == pair.1)
    }
  }
}

/// The Python of the machine, as a reader that is not ours.
private enum Python {
  static let isThere = (try? run("print(1)", input: [])) != nil

  static func run(_ script: String, input: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID().uuidString)")
    try Data(input).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardInput = try FileHandle(forReadingFrom: folder)
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    return [UInt8](data)
  }
}
