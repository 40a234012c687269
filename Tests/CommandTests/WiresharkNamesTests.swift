import Filter
import Foundation
import TestSupport
import Testing

@Suite("Wireshark's names in filters, against tshark")
struct WiresharkNamesTests {
  private func tshark(_ arguments: [String]) throws -> [Substring]? {
    guard let tshark = OtherProgram("tshark") else {
      print("skipped: no tshark")
      return nil
    }
    return try tshark.run(arguments).output.split(separator: "\n")
  }

  @Test("every name under websocket. is a field, or is told what to say instead")
  func names() throws {
    guard let lines = try tshark(["-G", "fields"]) else { return }
    let names = lines.filter { $0.hasPrefix("F\t") }.compactMap { line -> String? in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      return parts.count > 2 ? String(parts[2]) : nil
    }
    let wanted = names.filter { $0.hasPrefix("websocket.") || $0.hasPrefix("http.sec_websocket_") }
    #expect(wanted.count > 25)
    for name in Set(wanted) {
      do throws(FilterError) {
        _ = try Filter(name)
      } catch {
        #expect(error.reason.contains("is a field of Wireshark's only; "), "\(name): \(error.reason)")
      }
    }
  }

  @Test(
    "the same display filter gives the same packets, in captures that Wireshark reads without a fault",
    arguments: [
      "browser-chat.pcap", "masked-lengths.pcap.gz", "subprotocol-graphql.pcap",
    ])
  func packets(sample: String) throws {
    let filters = [
      "websocket", "websocket.fin", "websocket.fin == 1", "websocket.opcode == 1", "websocket.opcode in {8,9,10}",
      "websocket.rsv > 0", "websocket.pmc == 1", "websocket.mask == 1", "websocket.mask == 0", "websocket.masking_key",
      "websocket.payload", "websocket.masked_payload", "websocket.payload_length == 126",
      "websocket.payload_length_ext_16", "websocket.payload_length_ext_16 > 200", "websocket.payload_length_ext_64",
      "websocket.payload.text", "websocket.payload.close", "websocket.payload.close.status_code == 1000",
      "websocket.payload.close.reason", "websocket.payload.ping", "websocket.payload.pong",
      "websocket.payload.continue",
      "websocket.payload.unknown", "websocket.fragments", "websocket.fragment.count > 1",
      "websocket.reassembled.length > 0", "len(websocket.payload.text) > 60",
      #"upper(websocket.payload.text) contains "A""#, #"websocket.payload.text[2:4] == "type""#,
      #"websocket.payload.ping[-2:] contains 3f"#, "websocket.payload.text[0,2:2]",
      "websocket && string(frame.number) matches \"[13579]$\"",
    ]
    let path = "Samples/\(sample)"
    for filter in filters {
      guard let lines = try tshark(["-r", path, "-Y", filter, "-T", "fields", "-e", "frame.number"]) else { return }
      let run = try runTool(["--json", "-q", "--only", "frame,message", "-Y", filter, path])
      let packets = try run.lines.map { try JSONValue(parsing: String($0)) }.compactMap { record in
        ["frame", "message"].contains(record["type"]?.string) ? record["last_packet"]?.integer : nil
      }
      #expect(Set(packets) == Set(lines.compactMap { UInt64($0) }), "\(filter) \(run.error)")
    }
  }
}
