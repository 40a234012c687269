import Bytes
import HTTP
import Subprotocols
import Transport

/// What the messages of all connections mean, and what is wrong with that, as diagnostics.
struct ViewedConnections: ~Copyable {
  /// Faults that are told of one connection.
  static var mostFaults: UInt32 { 100 }

  private var views: MessageViews
  /// How many were told of each connection that has some.
  private var told: [UInt64: UInt32] = [:]
  private var hasToldForgetting = false

  init(_ options: ViewOptions) { views = MessageViews(options) }

  /// A connection begins.
  mutating func begin(_ record: ConnectionRecord) {
    guard let request = record.request else { return }
    views.begin(
      record.connection.number, subprotocol: record.response?.head.value(.subprotocol), target: request.head.target)
  }

  /// What a message means; nil if there is nothing to say. Its faults go to `report`.
  mutating func view(
    of record: borrowing MessageRecord, _ content: RawSpan, report: (Diagnostic) -> Void
  ) -> MessageView? {
    let message = record.message
    let view = views.read(ViewedMessage(record, content), of: record.connection.number, content)
    if !views.faults.isEmpty {
      for words in views.faults {
        let fault = Diagnostic(
          .viewMalformed, detail: words, connection: record.connection, sender: record.sender, packet: record.last,
          frame: record.lastFrame)
        if let fault = limited(fault, record.connection.number) { report(fault) }
      }
    }
    if !message.isComplete { views.lose(record.connection.number, ofClient: record.sender == .client) }
    if views.forgotten > 0, !hasToldForgetting {
      hasToldForgetting = true
      report(Diagnostic(.viewsForgotten, packet: record.last))
    }
    return view
  }

  /// `fault`, or in its place that there are more than are told; nil if that was told.
  private mutating func limited(_ fault: Diagnostic, _ number: UInt64) -> Diagnostic? {
    let count = told[number, default: 0]
    guard count <= Self.mostFaults else { return nil }
    told[number] = count + 1
    return count < Self.mostFaults ? fault : Diagnostic(.limit, connection: fault.connection, packet: fault.packet)
  }

  /// Notes what a diagnostic says of bytes that are missing.
  mutating func note(_ record: Diagnostic) {
    guard let number = record.connection?.number, let sender = record.sender else { return }
    if [DiagnosticCode.gap, .snapped, .stepLost, .undecoded].contains(record.code) {
      views.lose(number, ofClient: sender == .client)
    }
  }

  /// Gives back the memory of a view.
  mutating func reuse(_ view: consuming MessageView) { views.reuse(view) }

  /// A connection is over. What a sender that closed it had begun and not brought to its end goes to `report`, if all that it sent is
  /// in the capture.
  mutating func end(_ record: EndRecord, report: (Diagnostic) -> Void) {
    let number = record.connection.number
    for sender in [Sender.client, .server] {
      let tally = sender == .client ? record.client : record.server
      guard (sender == .client ? record.clientClose : record.serverClose) != nil, tally.missingBytes == 0,
        tally.undecodedBytes == 0, let words = views.unfinished(number, ofClient: sender == .client)
      else { continue }
      report(Diagnostic(.viewMalformed, detail: words, connection: record.connection, sender: sender))
    }
    views.end(number)
    if !told.isEmpty { told[number] = nil }
  }
}

extension ViewedMessage {
  /// What views are told of a message, of which `content` is stored.
  public init(_ record: borrowing MessageRecord, _ content: RawSpan) {
    let message = record.message
    self.init(
      isFromClient: record.sender == .client, isText: message.opcode == .text,
      isWhole: message.isComplete && UInt64(content.byteCount) >= message.storableLength && record.unknown.isEmpty,
      number: record.number, start: record.first.time.nanoseconds, end: record.last.time.nanoseconds)
    isCut = !isWhole && message.isComplete && record.unknown.isEmpty
  }
}
