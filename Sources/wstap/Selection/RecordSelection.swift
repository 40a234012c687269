import Analysis
import Capture
import Export
import Filter

/// What a selection came to.
final class SelectionCounts {
  /// Records of the types that are selected from.
  var records: UInt64 = 0
  /// Those that were selected; neighbours that are shown beside them are not counted.
  var selected: UInt64 = 0
  /// Payloads that were searched only as far as they are stored.
  var searchedInPart: UInt64 = 0
  /// How often a regular expression was given up on a payload, as it took too many steps.
  var abandonedSearches: UInt64 = 0
  /// Neighbours that were not kept, so that memory stays small.
  var lostNeighbours: UInt64 = 0
}

/// Passes on the records that are selected, and their neighbours. It stands in front of an exporter.
///
/// Records of the capture as a whole, `capture` and `summary`, are not selected from.
struct RecordSelection: RecordWriter, ~Copyable {
  /// What it takes: the types that are shown, and those that it has to know.
  let kinds: RecordKinds
  /// What came of it.
  let counts: SelectionCounts

  private var next: AnyRecordWriter
  private let shown: RecordKinds
  private var criteria: Criteria
  private var neighbours: Neighbours?
  /// For formats that need the connection of whatever is selected.
  private var introductions: Introductions?

  /// A selection in front of `next`.
  ///
  /// - Parameters:
  ///   - shown: the types of records that are shown.
  ///   - context: how many neighbours are shown on either side; nil: none.
  ///   - introduces: whether `next` needs the connections, and the ends, of what is selected.
  init(
    _ next: consuming AnyRecordWriter, _ criteria: consuming Criteria, shown: RecordKinds, context: Int?,
    introduces: Bool, _ counts: SelectionCounts
  ) {
    kinds = shown.union(criteria.kinds)
    self.next = next
    self.shown = shown
    self.criteria = criteria
    self.counts = counts
    neighbours = context.map { Neighbours($0, counts) }
    introductions = introduces && shown.contains(.connection) ? Introductions() : nil
  }

  var remarks: [String] {
    var remarks: [String] = []
    if criteria.forgottenConnections > 0 {
      remarks.append(
        "the filter knew no handshake of \(SummaryText.count(criteria.forgottenConnections, "connection")): too many were open"
      )
    }
    if let early = introductions?.early, early > 0 {
      remarks.append(
        "\(SummaryText.count(early, "connection")) written though nothing of them may be selected: too many were open")
    }
    return remarks + next.remarks
  }

  mutating func flush() {
    counts.abandonedSearches = criteria.abandonedSearches
    next.flush()
  }

  mutating func finish() {
    counts.abandonedSearches = criteria.abandonedSearches
    next.finish()
  }

  mutating func capture(_ record: CaptureRecord) {
    criteria.note(record)
    if shown.contains(.capture) { next.capture(record) }
  }

  mutating func summary(_ record: SummaryRecord) {
    if shown.contains(.summary) { next.summary(record) }
  }

  mutating func connection(_ record: ConnectionRecord) {
    criteria.note(record)
    neighbours?.note(record, &next)
    let isSelected = shown.contains(.connection) && count(criteria.accepts(record))
    if isSelected, neighbours == nil || introductions != nil {
      introductions?.note(record)
      return next.connection(record)
    }
    next.note(hidden: record)
    if introductions != nil {
      introductions?.keep(record, &next)
    } else if shown.contains(.connection) {
      neighbours?.take(.connection(record), of: record.connection.number, isSelected, into: &next)
    }
  }

  mutating func tls(_ record: TLSConnectionRecord) {
    if shown.contains(.tls), count(criteria.accepts(record)) { next.tls(record) }
  }

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    guard shown.contains(.frame), criteria.shows(record) else { return }
    let isSelected = count(criteria.accepts(record, payload: payload))
    if isSelected { introductions?.introduce(record.connection.number, to: &next) }
    if criteria.searchesPayloads, UInt64(payload.byteCount) < record.capturedLength { counts.searchedInPart += 1 }
    if neighbours == nil {
      if isSelected { next.frame(record, payload: payload) }
    } else {
      neighbours?.take(record, payload, isSelected, into: &next)
    }
  }

  mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) {
    guard shown.contains(.message), criteria.mayAccept(piece) || neighbours != nil else { return }
    next.piece(piece, content: content)
  }

  mutating func note(hidden record: borrowing MessageRecord) { next.note(hidden: record) }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    guard shown.contains(.message) else { return }
    let isSelected = count(criteria.accepts(record, content: content))
    if isSelected { introductions?.introduce(record.connection.number, to: &next) }
    if criteria.searchesPayloads, UInt64(content.byteCount) < record.message.storableLength {
      counts.searchedInPart += 1
    }
    if neighbours == nil {
      if isSelected { next.message(record, content: content) } else { next.note(hidden: record) }
    } else {
      neighbours?.take(record, content, isSelected, into: &next)
    }
  }

  mutating func diagnostic(_ record: Diagnostic) {
    guard shown.contains(.diagnostic) else { return }
    let isSelected = count(criteria.accepts(record))
    if isSelected { introductions?.introduce(record.connection?.number, to: &next) }
    if let connection = record.connection, neighbours != nil {
      neighbours?.take(.diagnostic(record), of: connection.number, isSelected, into: &next)
    } else if isSelected {
      next.diagnostic(record)
    }
  }

  mutating func end(_ record: EndRecord) {
    defer {
      criteria.forget(record.connection.number)
      neighbours?.forget(record.connection.number, &next)
    }
    guard shown.contains(.end) else { return }
    let isSelected = count(criteria.accepts(record))
    if isSelected { introductions?.introduce(record.connection.number, to: &next) }
    let isNeeded = introductions?.end(record.connection.number) == true
    if neighbours == nil || isNeeded && !isSelected {
      if isSelected || isNeeded { next.end(record) }
    } else {
      neighbours?.take(.end(record), of: record.connection.number, isSelected, into: &next)
    }
  }

  private func count(_ isSelected: Bool) -> Bool {
    counts.records += 1
    if isSelected { counts.selected += 1 }
    return isSelected
  }
}
