import Bytes

/// How much a report holds: what a browser opens in a second or two, and scrolls without a hitch.
struct ReportLimits {
  /// Messages.
  var messages: UInt64 = 100_000
  /// Frames, those of messages included.
  var frames: UInt64 = 200_000
  /// Connections; as many TLS connections besides, where they are listed.
  var connections = 20_000
  /// Diagnostics.
  var diagnostics: UInt64 = 20_000
  /// Payload bytes, before they are compressed: 64 MiB.
  var payloadBytes: UInt64 = 64 << 20
  /// Bytes of what messages mean, before they are compressed: 64 MiB.
  var viewBytes: UInt64 = 64 << 20
  /// Requests that a message is linked to, if it replies to so many at once.
  var replies = 100
}

/// What a report holds, and what it had no room for.
struct ReportTally {
  var messages: UInt64 = 0
  var frames: UInt64 = 0
  var diagnostics: UInt64 = 0
  var tls = 0
  var payloadBytes: UInt64 = 0
  var viewBytes: UInt64 = 0
  var messagesLeftOut: UInt64 = 0
  var framesLeftOut: UInt64 = 0
  var connectionsLeftOut: UInt64 = 0
  var diagnosticsLeftOut: UInt64 = 0
  var payloadsLeftOut: UInt64 = 0
  var viewsLeftOut: UInt64 = 0
  /// Whether a signal ended the reading.
  var isInterrupted = false

  /// Writes what was left out, as the rest of an object.
  func write(to writer: inout ByteWriter, _ limits: ReportLimits) {
    let counts: [(StaticString, UInt64)] = [
      (#","left_out":{"messages":"#, messagesLeftOut), (#","frames":"#, framesLeftOut),
      (#","connections":"#, connectionsLeftOut), (#","diagnostics":"#, diagnosticsLeftOut),
      (#","payloads":"#, payloadsLeftOut), (#","views":"#, viewsLeftOut),
      (#"},"limits":{"messages":"#, limits.messages),
      (#","frames":"#, limits.frames), (#","connections":"#, UInt64(clamping: limits.connections)),
      (#","diagnostics":"#, limits.diagnostics), (#","payload_bytes":"#, limits.payloadBytes),
      (#","view_bytes":"#, limits.viewBytes),
    ]
    for (key, value) in counts {
      writer.literal(key)
      writer.decimal(value)
    }
    writer.byte(0x7D)
  }
}
