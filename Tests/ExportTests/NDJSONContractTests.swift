import Analysis
import Capture
import Export
import Foundation
import TestSupport
import Testing

/// The rules that hold between keys and between lines, which a schema cannot say.
struct NDJSONContractTests {
  /// Every input there is, each once whole and once with payloads cut after five bytes.
  static let inputs: [Input] = [nil, 5].flatMap { stored in
    SampleFiles.names.map { Input(sample: $0, stored: stored) }
      + HostileConversations.all.keys.sorted().map { Input(hostile: $0, stored: stored) }
  }

  /// What wstap writes for something.
  struct Input: CustomTestStringConvertible {
    var sample: String?
    var hostile: String?
    var stored: Int?

    var testDescription: String { "\(sample ?? hostile ?? "")\(stored.map { ", cut after \($0)" } ?? "")" }

    func output() throws -> Output {
      if let sample { return try Output(samples: sample, stored: stored) }
      return try Output(hostile: hostile ?? "", stored: stored)
    }
  }

  // MARK: Lines

  @Test(arguments: inputs)
  func everyLineIsAnObjectThatBeginsWithItsType(input: Input) throws {
    let output = try input.output()
    for (line, record) in zip(output.lines, output.records) {
      #expect(record.keys.first == "type")
      #expect(line.starts(with: Array(#"{"type":"\#(record.type)""#.utf8)))
      let read = try JSONSerialization.jsonObject(with: Data(line))
      #expect(record.isEqual(to: read), "Foundation reads the same")
    }
  }

  @Test(arguments: inputs)
  func recordsComeInOrder(input: Input) throws {
    let records = try input.output().records
    #expect(records.first?.type == "capture" && records.last?.type == "summary")
    #expect(records.count { $0.type == "capture" || $0.type == "summary" } == 2)
    var known: [UInt64: String] = [:]
    var ended: Set<UInt64> = []
    var frames: Set<[UInt64]> = []
    for record in records {
      guard let connection = record["connection"]?.integer else { continue }
      if record.type == "connection" {
        #expect(connection == UInt64(known.count) + 1, "numbered in order of appearance")
        known[connection] = record["connection_id"]?.string
      }
      #expect(record["connection_id"]?.string == known[connection], "the connection's record comes first")
      #expect(!ended.contains(connection), "end is a connection's last record")
      if record.type == "end" { ended.insert(connection) }
      if record.type == "frame", let frame = record["frame"]?.integer { frames.insert([connection, frame]) }
      if record.type == "message", let last = record["last_frame"]?.integer {
        #expect(frames.contains([connection, last]), "a message comes after its last frame")
      }
    }
    let upgraded = records.filter { $0.type == "connection" && $0["upgraded"] == .bool(true) }
    #expect(ended == Set(upgraded.compactMap { $0["connection"]?.integer }))
  }

  // MARK: Payloads

  @Test(arguments: inputs)
  func payloadsAndLengthsAgree(input: Input) throws {
    let stored = input.stored ?? 65_536
    for record in try input.output().records where record.type == "frame" || record.type == "message" {
      #expect((record["text"] == nil) != (record["base64"] == nil))
      let isClose = record["opcode"]?.integer == 8
      // The reason is all of a close frame's body but the code.
      let isReason = isClose && record["text"] != nil && record["close"]?["code"] != .null
      let carried = record.payload.count + (isReason ? 2 : 0)
      #expect(carried <= stored)
      let available = record.type == "frame" ? record["captured_length"] : record["length"]
      if record["truncated"] == .bool(false), let length = available?.integer, record["complete"] == .bool(true) {
        #expect(UInt64(carried) == length)
      }
      if record["truncated"] == .bool(true) {
        #expect(carried >= stored - 3, "no more than a character is left out besides")
        if let length = available?.integer { #expect(UInt64(carried) < length) }
      }
      if record.type == "message", record["complete"] == .bool(false) {
        let isPlain = record["compressed"] == .bool(false)
        if isPlain, let length = record["length"], length != .null { #expect(length == record["wire_length"]) }
      }
      if record.type == "frame", let length = record["length"]?.integer,
        let captured = record["captured_length"]?.integer
      {
        #expect(captured <= length && (captured == length) == (record["complete"] == .bool(true)))
      }
    }
  }

  @Test(arguments: inputs)
  func textIsGivenWhereTheOpcodeSaysTextAndTheBytesAreUTF8(input: Input) throws {
    for record in try input.output().records {
      let isText = record["opcode"]?.integer == 1 || record["kind"]?.string == "text"
      if let kind = record["opcode_name"]?.string ?? record["kind"]?.string, kind != "close" {
        #expect(record["text"] == nil || isText, "\(kind)")
      }
      if record["kind"]?.string == "text", record["valid_utf8"] == .bool(true) { #expect(record["text"] != nil) }
      if isText, record["base64"] != nil, record["truncated"] == .bool(false) {
        #expect(String(validating: record.payload, as: UTF8.self) == nil)
      }
      if let close = record["close"], let text = record["text"] { #expect(close["reason"] == text) }
    }
  }

  @Test(arguments: inputs)
  func messagesAreMadeOfTheirFrames(input: Input) throws {
    let records = try input.output().records
    for message in records where message.type == "message" {
      let frames = records.filter {
        $0.type == "frame" && $0["connection"] == message["connection"] && $0["message"] == message["message"]
      }
      #expect(UInt64(frames.count) == message["frame_count"]?.integer)
      #expect(frames.first?["frame"] == message["first_frame"] && frames.last?["frame"] == message["last_frame"])
      #expect(frames.first?["time"] == message["time"] && frames.last?["end_time"] == message["end_time"])
      #expect(frames.first?["opcode_name"] == message["kind"])
      #expect(frames.allSatisfy { $0["sender"] == message["sender"] && $0["source"] == message["source"] })
      if frames.allSatisfy({ $0["complete"] == .bool(true) }) {
        #expect(frames.compactMap { $0["length"]?.integer }.reduce(0, +) == message["wire_length"]?.integer)
      }
      if message["compressed"] == .bool(false), frames.allSatisfy({ $0["truncated"] == .bool(false) }),
        input.stored == nil
      {
        #expect(frames.flatMap(\.payload) == message.payload)
      }
    }
  }

  // MARK: Places and sums

  @Test(arguments: inputs)
  func timesAreThoseOfTheirPackets(input: Input) throws {
    var times: [UInt64: String] = [:]
    let output = try input.output()
    for record in output.records {
      for (packet, time) in [("first_packet", "time"), ("last_packet", "end_time"), ("packet", "time")] {
        guard let number = record[packet]?.integer, let text = record[time]?.string else { continue }
        #expect(times[number, default: text] == text, "packet \(number) has one time")
        times[number] = text
      }
    }
    let inOrder = times.sorted { $0.key < $1.key }.map(\.value)
    #expect(inOrder == inOrder.sorted(), "as in these captures")
    let packets = try #require(output.records.last?["packets"]?.integer)
    #expect(times.keys.allSatisfy { (1...max(1, packets)).contains($0) })
  }

  @Test(arguments: SampleFiles.names)
  func timesAreThoseOfTheCapture(name: String) throws {
    let file = try SampleFiles.capture(name)
    var reader = CaptureReader()
    var position = 0
    var times: [UInt64: Int64] = [:]
    while let event = try reader.finish(file.span.bytes, &position) {
      if case .packet(let packet) = event { times[packet.number] = packet.time.nanoseconds }
    }
    for record in try Output(samples: name).records {
      for (packet, time) in [("first_packet", "time"), ("last_packet", "end_time"), ("packet", "time")] {
        guard let number = record[packet]?.integer, let text = record[time]?.string else { continue }
        let seconds = try Date(text.prefix(19) + "Z", strategy: .iso8601).timeIntervalSince1970
        let nanoseconds = try #require(Int64(text.dropFirst(20).dropLast()))
        #expect(times[number] == Int64(seconds) * 1_000_000_000 + nanoseconds)
      }
    }
  }

  @Test(arguments: inputs)
  func endsAndSummaryAreSumsOfWhatWasGiven(input: Input) throws {
    let records = try input.output().records
    for end in records where end.type == "end" {
      for sender in ["client", "server"] {
        let mine = records.filter { $0["connection"] == end["connection"] && $0["sender"] == .string(sender) }
        let frames = mine.filter { $0.type == "frame" }
        #expect(end[sender]?["frames"]?.integer == UInt64(frames.count))
        #expect(end[sender]?["messages"]?.integer == UInt64(mine.count { $0.type == "message" }))
        #expect(
          end[sender]?["payload_bytes"]?.integer == frames.compactMap { $0["captured_length"]?.integer }.reduce(0, +))
      }
    }
    let summary = try #require(records.last)
    func count(_ isCounted: (JSONValue) -> Bool) -> UInt64 { UInt64(records.count(where: isCounted)) }
    #expect(summary["frames"]?.integer == count { $0.type == "frame" })
    #expect(summary["messages"]?.integer == count { $0.type == "message" })
    #expect(summary["websocket_connections"]?.integer == count { $0["upgraded"] == .bool(true) })
    #expect(summary["refused_upgrades"]?.integer == count { $0["upgraded"] == .bool(false) })
    for severity in ["note", "warning", "error"] {
      #expect(summary["diagnostics"]?[severity]?.integer == count { $0["severity"] == .string(severity) })
    }
  }

  @Test(arguments: inputs.filter { $0.stored == nil })
  func askingForFewerKindsLeavesTheOthersAsTheyAre(input: Input) throws {
    let records = try input.output().records
    for (name, kind) in RecordKinds.names where kind != .summary {
      let files: [(path: String, bytes: [UInt8])]
      if let sample = input.sample {
        files = [(sample, try SampleFiles.capture(sample))]
      } else {
        files = [("conversation.pcap", HostileConversations.all[input.hostile ?? ""]?().capture.pcap() ?? [])]
      }
      #expect(try Output(of: files, kinds: kind).records == records.filter { $0.type == name }, "\(name)")
    }
  }
}

extension JSONValue {
  /// Whether Foundation's reader found the same.
  fileprivate func isEqual(to other: Any) -> Bool {
    switch self {
    case .null: return other is NSNull
    case .bool(let bool): return (other as? NSNumber)?.boolValue == bool
    case .number(let digits): return (other as? NSNumber).map { $0.doubleValue == Double(digits) } ?? false
    case .string(let text): return (other as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
    case .array(let elements):
      guard let others = other as? [Any], others.count == elements.count else { return false }
      return zip(elements, others).allSatisfy { $0.isEqual(to: $1) }
    case .object(let members):
      guard let others = other as? [String: Any], others.count == members.count else { return false }
      return members.allSatisfy { member in others[member.key].map { member.value.isEqual(to: $0) } ?? false }
    }
  }
}
