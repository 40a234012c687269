import Analysis
import Export

/// Gives messages to an extraction, and all that is to be printed to a writer.
struct ExtractingWriter: RecordWriter, ~Copyable {
  let extraction: Extraction
  /// The kinds that are printed.
  let printed: RecordKinds
  var next: AnyRecordWriter

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    extraction.take(record, content)
    if printed.contains(.message) { next.message(record, content: content) }
  }

  var remarks: [String] { next.remarks }

  mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) { extraction.take(piece, content) }

  mutating func note(hidden record: borrowing MessageRecord) {
    extraction.drop(record)
    next.note(hidden: record)
  }

  // The filter before it lets through nothing else that is not printed.
  mutating func capture(_ record: CaptureRecord) { next.capture(record) }
  mutating func connection(_ record: ConnectionRecord) { next.connection(record) }
  mutating func tls(_ record: TLSConnectionRecord) { next.tls(record) }
  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { next.frame(record, payload: payload) }
  mutating func diagnostic(_ record: Diagnostic) { next.diagnostic(record) }
  mutating func end(_ record: EndRecord) { next.end(record) }
  mutating func summary(_ record: SummaryRecord) { next.summary(record) }
  mutating func note(hidden record: ConnectionRecord) { next.note(hidden: record) }

  mutating func flush() {
    extraction.flush()
    next.flush()
  }

  mutating func finish() {
    extraction.flush()
    next.finish()
  }
}
