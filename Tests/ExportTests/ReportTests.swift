import Analysis
import Foundation
import TestSupport
import Testing

@testable import Export

@Suite("A report holds what the JSON output holds")
struct ReportTests {
  @Test("everything but frames and messages is as in the JSON output", arguments: SampleFiles.names)
  func objects(name: String) throws {
    let files = [(path: name, bytes: try SampleFiles.capture(name))]
    let output = try Output(of: files, kinds: RecordKinds.all.subtracting([.frame, .message]))
    let lines = output.lines.map { String(decoding: $0, as: UTF8.self) }
    #expect(try ReportReader(of: files).objects() == lines)
  }

  @Test("messages have their numbers, lengths and payloads", arguments: SampleFiles.names)
  func messages(name: String) throws {
    let files = [(path: name, bytes: try SampleFiles.capture(name))]
    let report = try ReportReader(of: files)
    let records = try Output(of: files, kinds: .message).lines.map { try object($0) }
    let rows = try report.rows(0)
    #expect(rows.count == records.count)
    for (row, record) in zip(rows, records) {
      for (place, key) in [
        (1, "connection"), (2, "message"), (6, "first_packet"), (7, "last_packet"), (11, "wire_length"),
      ] {
        #expect(row[place] as? Int == record[key] as? Int, "\(key)")
      }
      #expect(row[3] as? Int == (record["sender"] as? String == "client" ? 0 : 1))
      #expect(report.payload(row, at: 15) == content(record))
    }
  }

  @Test("frames have their headers; only those of no message have payloads", arguments: SampleFiles.names)
  func frames(name: String) throws {
    let files = [(path: name, bytes: try SampleFiles.capture(name))]
    let report = try ReportReader(of: files)
    let records = try Output(of: files, kinds: .frame).lines.map { try object($0) }
    let rows = try report.rows(1)
    #expect(rows.count == records.count)
    for (row, record) in zip(rows, records) {
      for (place, key) in [(2, "frame"), (11, "length"), (12, "captured_length"), (15, "offset")] {
        #expect(row[place] as? Int == record[key] as? Int, "\(key)")
      }
      #expect((row[8] as? Int ?? 0) & 15 == record["opcode"] as? Int)
      let isOfMessage = record["message"] is Int
      #expect(isOfMessage == (row[16] as? Int == -2))
      if !isOfMessage, record["base64"] != nil, !(record["opcode_name"] as? String == "close") {
        #expect(report.payload(row, at: 16) == content(record))
      }
    }
  }

  @Test("without messages, frames have their payloads")
  func onlyFrames() throws {
    let files = [(path: "a", bytes: try SampleFiles.capture("browser-chat.pcap"))]
    let report = try ReportReader(of: files, kinds: [.frame])
    #expect(report.objects("ends").count == 1, "the connection's ends are told")
    for row in try report.rows(1) { #expect(report.payload(row, at: 16) != nil) }
  }

  @Test("what is past a limit is counted")
  func limits() throws {
    let limits = ReportLimits(messages: 4, frames: 3, connections: 1, diagnostics: 3, payloadBytes: 100, viewBytes: 0)
    let names = ["browser-chat.pcap", "frame-faults.pcap"]
    let files = try names.map { (path: $0, bytes: try SampleFiles.capture($0)) }
    let report = try ReportReader(of: files, limits)
    #expect(try report.rows(0).count == 4)
    #expect(try report.rows(1).count == 3)
    #expect(report.objects("connection").count == 1)
    #expect(report.objects("diagnostic").count <= 3)
    let end = try object(Array((report.objects("report").first ?? "").utf8))
    let leftOut = try #require(end["left_out"] as? [String: Int])
    let whole = try ReportReader(of: files)
    #expect(leftOut["messages"] == (try whole.rows(0).count) - 4)
    #expect(leftOut["frames"] == (try whole.rows(1).count) - 3)
    #expect(leftOut["connections"] == 1)
    #expect(leftOut["payloads"] ?? 0 > 0)
    #expect(report.payloads.joined().count <= 100)
  }

  @Test("large payloads are in several blocks, each found at its place")
  func blocks() throws {
    var talk = Conversation()
    talk.handshake()
    let sizes = [65_000, 1, 0, 65_001, 40_000]
    for i in 0..<60 {
      talk.frame(.server, .binary, [UInt8](repeating: UInt8(i), count: sizes[i % sizes.count]), segment: 60_000)
    }
    let report = try ReportReader(of: [("a", talk.capture.pcap())])
    #expect(report.payloads.count > 2)
    for (i, row) in try report.rows(0).enumerated() {
      #expect(report.payload(row, at: 15) == [UInt8](repeating: UInt8(i), count: sizes[i % sizes.count]))
    }
  }

  private func object(_ line: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
  }

  private func content(_ record: [String: Any]) -> [UInt8]? {
    if let text = record["text"] as? String { return Array(text.utf8) }
    return (record["base64"] as? String).flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
  }
}
