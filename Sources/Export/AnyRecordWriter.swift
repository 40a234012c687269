import Analysis

/// A writer whose type is known only when the program runs: for the formats and steps that need no greater speed, so that
/// the loop over the packets is not compiled once more for each of them.
public struct AnyRecordWriter: RecordWriter, ~Copyable {
  private let box: AnyBox

  /// Gives all to `writer`.
  public init<W: RecordWriter & ~Copyable>(_ writer: consuming W) { box = Box(writer) }

  /// What the writer takes.
  public var kinds: RecordKinds { box.kinds }
  /// The writer's.
  public var remarks: [String] { box.remarks }
  /// Passes the record on.
  public mutating func capture(_ record: CaptureRecord) { box.capture(record) }
  /// Passes the record on.
  public mutating func connection(_ record: ConnectionRecord) { box.connection(record) }
  /// Passes the record on.
  public mutating func tls(_ record: TLSConnectionRecord) { box.tls(record) }
  /// Passes the record on.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { box.frame(record, payload) }
  /// Passes the piece on.
  public mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) { box.piece(piece, content) }
  /// Passes the record on.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) { box.message(record, content) }
  /// Passes the record on.
  public mutating func diagnostic(_ record: Diagnostic) { box.diagnostic(record) }
  /// Passes the record on.
  public mutating func end(_ record: EndRecord) { box.end(record) }
  /// Passes the record on.
  public mutating func summary(_ record: SummaryRecord) { box.summary(record) }
  /// Has the writer hand over all that is written.
  public mutating func flush() { box.flush() }
  /// Has the writer end its output.
  public mutating func finish() { box.finish() }
  /// Passes the record on.
  public mutating func note(hidden record: ConnectionRecord) { box.note(hidden: record) }
  /// Passes it on.
  public mutating func note(hidden record: borrowing MessageRecord) { box.note(hidden: record) }
}

/// What a `Box` can do, whatever is in it. (An existential of a type that cannot be copied cannot be changed in place.)
private class AnyBox {
  var kinds: RecordKinds { .all }
  var remarks: [String] { [] }
  func capture(_ record: CaptureRecord) {}
  func connection(_ record: ConnectionRecord) {}
  func tls(_ record: TLSConnectionRecord) {}
  func frame(_ record: borrowing FrameRecord, _ payload: RawSpan) {}
  func piece(_ piece: borrowing MessagePiece, _ content: RawSpan) {}
  func message(_ record: borrowing MessageRecord, _ content: RawSpan) {}
  func diagnostic(_ record: Diagnostic) {}
  func end(_ record: EndRecord) {}
  func summary(_ record: SummaryRecord) {}
  func flush() {}
  func finish() {}
  func note(hidden record: ConnectionRecord) {}
  func note(hidden record: borrowing MessageRecord) {}
}

private final class Box<W: RecordWriter & ~Copyable>: AnyBox {
  private var writer: W

  init(_ writer: consuming W) { self.writer = writer }

  override var kinds: RecordKinds { writer.kinds }
  override var remarks: [String] { writer.remarks }
  override func capture(_ record: CaptureRecord) { writer.capture(record) }
  override func connection(_ record: ConnectionRecord) { writer.connection(record) }
  override func tls(_ record: TLSConnectionRecord) { writer.tls(record) }
  override func frame(_ record: borrowing FrameRecord, _ payload: RawSpan) { writer.frame(record, payload: payload) }
  override func piece(_ piece: borrowing MessagePiece, _ content: RawSpan) { writer.piece(piece, content: content) }
  override func message(_ record: borrowing MessageRecord, _ content: RawSpan) {
    writer.message(record, content: content)
  }
  override func diagnostic(_ record: Diagnostic) { writer.diagnostic(record) }
  override func end(_ record: EndRecord) { writer.end(record) }
  override func summary(_ record: SummaryRecord) { writer.summary(record) }
  override func flush() { writer.flush() }
  override func finish() { writer.finish() }
  override func note(hidden record: ConnectionRecord) { writer.note(hidden: record) }
  override func note(hidden record: borrowing MessageRecord) { writer.note(hidden: record) }
}
