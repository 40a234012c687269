import Analysis
import Bytes
import Capture
import TLS

/// A record, with the bytes that came with it.
public enum CollectedRecord: Equatable, Sendable {
  /// The input.
  case capture(CaptureRecord)
  /// A connection, or an attempt at one.
  case connection(ConnectionRecord)
  /// A TLS connection.
  case tls(TLSConnectionRecord)
  /// A frame and its payload.
  case frame(FrameRecord, [UInt8])
  /// A message and its content.
  case message(MessageRecord, [UInt8])
  /// A diagnostic.
  case diagnostic(Diagnostic)
  /// The end of a connection.
  case end(EndRecord)
  /// The summary.
  case summary(SummaryRecord)
}

/// Keeps all records as values that can be compared.
public struct RecordCollector: RecordSink, Equatable, Sendable {
  /// The records, in the order in which they came.
  public private(set) var records: [CollectedRecord] = []

  /// No records yet.
  public init() {}

  /// Keeps the record.
  public mutating func capture(_ record: CaptureRecord) { records.append(.capture(record)) }
  /// Keeps the record.
  public mutating func connection(_ record: ConnectionRecord) { records.append(.connection(record)) }
  /// Keeps the record.
  public mutating func tls(_ record: TLSConnectionRecord) { records.append(.tls(record)) }
  /// Keeps the record.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    records.append(.frame(copy record, Self.array(payload)))
  }
  /// Keeps the record.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    records.append(.message(copy record, Self.array(content)))
  }
  /// Keeps the record.
  public mutating func diagnostic(_ record: Diagnostic) { records.append(.diagnostic(record)) }
  /// Keeps the record.
  public mutating func end(_ record: EndRecord) { records.append(.end(record)) }
  /// Keeps the record.
  public mutating func summary(_ record: SummaryRecord) { records.append(.summary(record)) }

  private static func array(_ bytes: RawSpan) -> [UInt8] {
    var array: [UInt8] = []
    array.append(bytes)
    return array
  }

  // MARK: Kinds

  /// The connections.
  public var connections: [ConnectionRecord] {
    records.compactMap { if case .connection(let record) = $0 { record } else { nil } }
  }
  /// The frames.
  public var frames: [FrameRecord] { records.compactMap { if case .frame(let record, _) = $0 { record } else { nil } } }
  /// The messages.
  public var messages: [MessageRecord] {
    records.compactMap { if case .message(let record, _) = $0 { record } else { nil } }
  }
  /// The diagnostics.
  public var diagnostics: [Diagnostic] {
    records.compactMap { if case .diagnostic(let record) = $0 { record } else { nil } }
  }
  /// The ends.
  public var ends: [EndRecord] { records.compactMap { if case .end(let record) = $0 { record } else { nil } } }
  /// The slugs of the diagnostics.
  public var slugs: [String] { diagnostics.map(\.code.slug) }
  /// The summary.
  public var summary: SummaryRecord? {
    records.lazy.compactMap { if case .summary(let record) = $0 { record } else { nil } }.first
  }

  /// The contents of the messages that `sender` sent, as text.
  public func texts(_ sender: Sender) -> [String] {
    records.compactMap {
      guard case .message(let record, let content) = $0, record.sender == sender else { return nil }
      return String(decoding: content, as: UTF8.self)
    }
  }

  /// The payloads of the frames that `sender` sent, as text.
  public func payloads(_ sender: Sender) -> [String] {
    records.compactMap {
      guard case .frame(let record, let payload) = $0, record.sender == sender else { return nil }
      return String(decoding: payload, as: UTF8.self)
    }
  }
}

/// What an analyzer makes of `packets`, which are numbered from 1.
public func analyze(
  _ packets: [CaptureBuilder.Packet], _ options: AnalyzerOptions = AnalyzerOptions()
) -> RecordCollector {
  var analyzer = Analyzer(options)
  var collector = RecordCollector()
  analyze(packets, with: &analyzer, into: &collector)
  analyzer.finish(into: &collector)
  collector.summary(analyzer.summary)
  return collector
}

/// Shows `packets` to `analyzer`; the first one has the number `number`.
public func analyze(
  _ packets: [CaptureBuilder.Packet], from number: UInt64 = 1, with analyzer: inout Analyzer,
  into collector: inout RecordCollector
) {
  for (i, packet) in packets.enumerated() {
    let captured = CapturedPacket(
      number: number + UInt64(i), time: packet.time, linkType: packet.linkType,
      originalLength: packet.originalLength ?? UInt32(clamping: packet.bytes.count), data: 0..<packet.bytes.count)
    analyzer.packet(captured, packet.bytes.span.bytes, into: &collector)
  }
}

/// What an analyzer makes of the capture `files`, one after the other.
public func analyze(
  files: [[UInt8]], _ options: AnalyzerOptions = AnalyzerOptions(), keyLog: KeyLog = KeyLog()
) throws(CaptureFileError) -> RecordCollector {
  var analyzer = Analyzer(options)
  analyzer.keyLog = keyLog
  var collector = RecordCollector()
  for (index, file) in files.enumerated() {
    var reader = CaptureReader()
    var position = 0
    while let event = try reader.finish(file.span.bytes, &position) {
      switch event {
      case .packet(let packet):
        analyzer.packet(packet, file.span.bytes, file: UInt32(index), into: &collector)
      case .secrets(let secrets):
        analyzer.keyLog.read(file.span.bytes.extracting(secrets.data))
        analyzer.retryTLS(into: &collector)
      case .interface, .statistics, .fault, .other:
        break
      }
    }
  }
  analyzer.finish(into: &collector)
  collector.summary(analyzer.summary)
  return collector
}
