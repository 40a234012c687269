import Analysis
import Subprotocols
import TestSupport
import Testing

@testable import Export

/// No conversation breaks a format.
struct HostileFormatTests {
  private static let names = HostileConversations.all.keys.sorted()

  private func output(_ format: String, _ name: String, kinds: RecordKinds? = nil) throws -> [UInt8] {
    let gathered = GatheredBytes()
    let make = try #require(HostileConversations.all[name])
    let conversation = make()
    var options = ExportOptions()
    options.requestedKinds = kinds
    guard let writer = Exporters.writer(format, options, drain: { gathered.bytes += $0 }) else { return [] }
    var sink = RecordFilter(writer, views: ViewOptions())
    try analyze([("conversation.pcap", conversation.capture.pcap())], AnalyzerOptions(), into: &sink)
    sink.next.finish()
    return gathered.bytes
  }

  @Test(arguments: names)
  func aJSONDocumentIsOne(name: String) throws {
    let records = try #require(try JSONValue(parsing: try output("json", name)).elements)
    #expect(records == (try Output(hostile: name).records))
  }

  @Test(arguments: names)
  func anArchiveIsJSONAndItsURLsAreURIs(name: String) throws {
    let archive = try JSONValue(parsing: try output("har", name))
    let entries = try #require(archive["log"]?["entries"]?.elements)
    #expect(entries.count == (try Output(hostile: name).all("connection").count))
    for entry in entries {
      let url = try #require(entry["request"]?["url"]?.string)
      #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}"#.utf8.contains($0) }, "\(url)")
    }
  }

  @Test(arguments: names)
  func arrowStreamsBeginAndEnd(name: String) throws {
    for (_, kind) in RecordKinds.names {
      let stream = try output("arrow", name, kinds: kind)
      #expect(stream.prefix(4) == [255, 255, 255, 255] && stream.suffix(8) == [255, 255, 255, 255, 0, 0, 0, 0])
      #expect(stream.count % 8 == 0)
    }
  }
}

private final class GatheredBytes {
  var bytes: [UInt8] = []
}
