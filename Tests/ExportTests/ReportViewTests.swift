import Foundation
import TestSupport
import Testing

@testable import Export

@Suite("A report holds what messages mean")
struct ReportViewTests {
  private static let samples = [
    "stomp-rabbitmq", "mqtt-mosquitto", "socketio-eio3", "sockjs", "signalr", "jupyter", "graphql", "wamp-cbor",
  ]

  private func files(_ name: String) throws -> [(path: String, bytes: [UInt8])] {
    [(name, try SampleFiles.capture("subprotocols/\(name).pcap"))]
  }

  private func object(_ bytes: some Sequence<UInt8>) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  /// What the object at the end of a row says of the view.
  private func told(_ row: [Any]) -> [Any]? { (row.last as? [String: Any])?["view"] as? [Any] }

  @Test("each message has the name, the object and the request that the JSON output has", arguments: samples)
  func objects(name: String) throws {
    let report = try ReportReader(of: try files(name))
    let records = try Output(of: try files(name), kinds: .message).lines.map { try object($0) }
    let rows = try report.rows(0)
    #expect(rows.count == records.count && !rows.isEmpty)
    for (row, record) in zip(rows, records) {
      let wanted = record["view"] as? [String: Any]
      let view = told(row)
      #expect(view?.first as? String == wanted?["name"] as? String)
      guard let view, let wanted else { continue }
      let line = try #require(view[3] as? Int)
      let length = try #require(view[4] as? Int)
      let bytes = length == 0 ? nil : report.payload([view[1], view[2], line + length], at: 0)
      #expect((length == 0) == (wanted.count == 1))
      if let bytes { #expect(try object(bytes[line...]) as NSDictionary == wanted as NSDictionary) }
      #expect(line > 0 || wanted.count == 1)
      if let request = wanted["reply_to"] as? Int {
        let replies = try #require(view[6] as? [[Any]])
        #expect(replies.first?.first as? Int == request)
      }
    }
  }

  @Test("of views that have no room, the name stands there, and they are counted")
  func limits() throws {
    var limits = ReportLimits()
    limits.viewBytes = 1000
    let report = try ReportReader(of: try files("ocpp"), limits)
    let places = try report.rows(0).compactMap { told($0)?[1] as? Int }
    #expect(places.contains(0) && places.contains(-1) && places.count == 14)
    let end = try object((report.objects("report").first ?? "").utf8)
    #expect((end["left_out"] as? [String: Int])?["views"] == places.count { $0 == -1 })
    #expect((end["limits"] as? [String: Int])?["view_bytes"] == 1000)
  }

  @Test("a message that replies to many is linked to the first of them, and says how many there are")
  func batch() throws {
    var limits = ReportLimits()
    limits.replies = 2
    var talk = Conversation()
    talk.handshake()
    let calls = (1...5).map { "{\"jsonrpc\":\"2.0\",\"id\":\($0),\"method\":\"m\($0)\"}" }
    let results = (1...5).map { "{\"jsonrpc\":\"2.0\",\"id\":\($0),\"result\":0}" }
    talk.frame(.client, .text, Array("[\(calls.joined(separator: ","))]".utf8))
    talk.frame(.server, .text, Array("[\(results.joined(separator: ","))]".utf8))
    let report = try ReportReader(of: [("a", talk.capture.pcap())], limits)
    let last = try #require(try report.rows(0).last)
    let view = try #require(told(last))
    #expect((view[6] as? [[Any]])?.map { $0[3] as? String } == ["m1", "m2"])
    #expect(view[8] as? Int == 5)
  }
}
