import Analysis
import Capture
import WebSocket

/// Fields of diagnostics and of the ends of connections.
extension FieldTable {
  static let diagnostic: [Field] = [
    Field(
      "severity", .choice(["note", "warning", "error"]), "how bad it is, in this order",
      diagnostic: {
        .string(severities[Int($0.code.severity.rawValue)])
      }),
    Field("code", .string, "what it is about, such as frame.rsv-set", diagnostic: { .string($0.code.slug) }),
    Field("message", .string, "what it says, in a sentence", diagnostic: { .string($0.message) }),
    Field("reference", .string, "the rule, such as RFC 6455 §5.2", diagnostic: { FieldValue($0.code.reference) }),
  ]

  private static let severities = Severity.allCases.map { Word.string($0.name) }
  private static let causes: [EndCause] = [.closeHandshake, .fin, .reset, .replaced, .captureEnd]

  static let end: [Field] = [
    Field("duration", .duration, "how long it lasted since the handshake", end: { .duration($0.duration) }),
    Field(
      "ended_by", .choice(causes.map { Word.string($0.name) }), "how it ended",
      end: {
        .string(Word.string($0.cause.name))
      }),
    Field("closed_first", .choice(Word.senders), "who closed first", end: { Word.of($0.closedFirst) }),
    Field("clean", .bool, "what a browser's CloseEvent.wasClean would say", end: { FieldValue($0.isClean) }),
    Field(
      "browser_code", .integer, "what CloseEvent.code would say",
      end: {
        FieldValue($0.browserCode.map { UInt64($0.rawValue) })
      }),
    Field("idle", .duration, "from the last message to the close", end: { $0.idle.map { .duration($0) } ?? .absent }),
    Field(
      "tcp_close.kind", .choice(["fin", "rst"]), "the FINs and RSTs", isList: true,
      end: {
        FieldValue($0.tcpEndings.map { Word.string($0.kind.name) })
      }),
    Field("client_close.code", .integer, "the code that the client closed with", end: { codes([$0.clientClose]) }),
    Field("client_close.name", .string, "what it means", end: { FieldValue($0.clientClose?.code?.name) }),
    Field("client_close.reason", .string, "the client's reason", end: { FieldValue($0.clientClose?.text) }),
    Field("server_close.code", .integer, "the code that the server closed with", end: { codes([$0.serverClose]) }),
    Field("server_close.name", .string, "what it means", end: { FieldValue($0.serverClose?.code?.name) }),
    Field("server_close.reason", .string, "the server's reason", end: { FieldValue($0.serverClose?.text) }),
  ]

  static let tallies: [Field] = tally("client") { $0.client } + tally("server") { $0.server }

  private static func tally(
    _ name: String, _ tally: @escaping @Sendable (EndRecord) -> SenderTally
  ) -> [Field] {
    func count(
      _ key: String, _ help: String, _ value: @escaping @Sendable (SenderTally) -> UInt64?
    ) -> Field {
      Field("\(name).\(key)", .integer, "\(help) \(name)", end: { FieldValue(value(tally($0))) })
    }
    return [
      count("frames", "frames of the") { $0.frames },
      count("messages", "messages of the") { $0.messages },
      count("payload_bytes", "captured payload bytes of the") { $0.payloadBytes },
      count("wire_bytes", "captured bytes after the handshake of the") { $0.wireBytes },
      count("missing_bytes", "bytes that were not captured, of the") { $0.missingBytes },
      count("undecoded_bytes", "bytes that belong to no sure frame, of the") { $0.undecodedBytes },
      count("unanswered_pings", "pings without a pong, of the") { $0.unansweredPings },
      Field(
        "\(name).last_time", .time, "when the \(name) sent its last bytes",
        end: {
          FieldValue(tally($0).lastTime)
        }),
      Field(
        "\(name).close_sent", .bool, "whether the \(name) sent a close frame",
        end: {
          FieldValue(tally($0).hasSentClose)
        }),
      Field(
        "\(name).cut_off", .choice(["message", "frame"]), "what the \(name)'s stream ends in",
        end: {
          FieldValue(tally($0).cutOff.map { Word.string($0.name) })
        }),
    ]
  }
}
