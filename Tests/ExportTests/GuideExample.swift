// The guide's example of the whole library, as it stands there: what is between the marks is compared with it.
// Guide begins.
import WSTap

/// Collects a line a message: packet, sender, text.
struct Transcript: RecordSink {
  var lines: [String] = []
  var kinds: RecordKinds { .message }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let text = content.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    lines.append("packet \(record.last.number), \(record.sender.name): \(text)")
  }
}

/// What was said in a capture, pcap or pcapng.
func transcript(of capture: [UInt8]) throws(CaptureFileError) -> [String] {
  var (reader, sink, position) = (CaptureReader(), Transcript(), 0)
  var analyzer = Analyzer()
  while let event = try reader.finish(capture.span.bytes, &position) {
    if case .packet(let packet) = event { analyzer.packet(packet, capture.span.bytes, into: &sink) }
  }
  analyzer.finish(into: &sink)
  return sink.lines
}
// Guide ends.
