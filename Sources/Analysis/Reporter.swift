import Bytes
import Transport
import WebSocket

/// Gives a connection's diagnostics their place, and keeps a connection that breaks a rule in every frame from flooding the
/// output.
struct Reporter {
  /// Diagnostics that one connection may have.
  static let limit: UInt32 = 1000

  let connection: ConnectionReference
  private var count: UInt32 = 0

  init(_ connection: ConnectionReference) { self.connection = connection }

  mutating func report<S: RecordSink & ~Copyable>(
    _ code: DiagnosticCode, detail: String? = nil, _ sender: Sender?, _ packet: PacketReference,
    _ offset: StreamOffset?, frame: UInt64? = nil, into sink: inout S
  ) {
    guard count <= Self.limit else { return }
    count += 1
    if count > Self.limit {
      sink.diagnostic(Diagnostic(.limit, detail: nil, connection: connection, packet: packet))
      return
    }
    sink.diagnostic(
      Diagnostic(
        code, detail: detail, connection: connection, sender: sender, packet: packet, offset: offset, frame: frame))
  }

  /// Gives what is wrong with the heads of the handshake, each at its own place.
  mutating func report<S: RecordSink & ~Copyable>(
    _ faults: [HandshakeFault], of record: ConnectionRecord, into sink: inout S
  ) {
    for fault in faults {
      guard let head = fault.sender == .client ? record.request : record.response else { continue }
      report(fault.code, detail: fault.detail, fault.sender, head.packet, head.offset, into: &sink)
    }
  }
}

extension FragmentViolation {
  var code: DiagnosticCode {
    switch self {
    case .orphanContinuation: .orphanContinuation
    case .interleavedMessage: .interleaved
    case .compressedContinuation: .compressedContinuation
    }
  }
}

extension FrameFaults {
  static func codes(for sender: Sender) -> [(FrameFaults, DiagnosticCode)] {
    [
      (.reservedBit, .rsvSet), (.reservedOpcode, .reservedOpcode),
      (.wrongMasking, sender == .client ? .notMasked : .masked), (.lengthNotMinimal, .lengthNotMinimal),
      (.lengthTopBit, .lengthTopBit), (.fragmentedControl, .controlFragmented), (.longControl, .controlTooLong),
    ]
  }
}

extension CloseReason {
  /// What breaks the rules in a close frame with this unmasked body.
  static func faults(_ body: RawSpan) -> [(DiagnosticCode, String?)] {
    if body.byteCount == 1 { return [(.closeOneByte, nil)] }
    guard let code = code(body) else { return [] }
    var faults: [(DiagnosticCode, String?)] = []
    if !code.maySend { faults.append((.closeCodeInvalid, "\(code.rawValue) \(code.name)")) }
    if !UTF8Validator.isValid(body.extracting(2..<body.byteCount)) { faults.append((.closeReasonNotUTF8, nil)) }
    return faults
  }
}
