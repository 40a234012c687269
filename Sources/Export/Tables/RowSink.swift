import Analysis
import Bytes
import Capture
import WebSocket

/// Takes the values of a row, one for each column of its table, in the columns' order.
///
/// What is given as bytes lives for the call only.
public protocol RowSink: ~Copyable {
  /// No value.
  mutating func null()
  /// A whole number.
  mutating func integer(_ value: Int64)
  /// A truth value.
  mutating func boolean(_ value: Bool)
  /// A number.
  mutating func real(_ value: Double)
  /// A point in time.
  mutating func time(_ value: Timestamp)
  /// Text in UTF-8, for a column of kind `text` or `json`.
  mutating func text(_ bytes: RawSpan)
  /// A word.
  mutating func word(_ text: StaticString)
  /// Bytes.
  mutating func bytes(_ bytes: RawSpan)
}

extension RowSink where Self: ~Copyable {
  /// A count; more than `Int64.max` is given as that.
  @inline(__always)
  mutating func count(_ value: UInt64) { integer(Int64(clamping: value)) }
  mutating func count(_ value: UInt64?) { if let value { count(value) } else { null() } }
  mutating func boolean(_ value: Bool?) { if let value { boolean(value) } else { null() } }
  mutating func time(_ value: Timestamp?) { if let value { time(value) } else { null() } }
  mutating func word(_ text: StaticString?) { if let text { word(text) } else { null() } }
  mutating func text(_ text: String?) {
    guard var text else { return null() }
    text.withUTF8 { self.text($0.span.bytes) }
  }
  mutating func seconds(_ nanoseconds: Int64?) {
    if let nanoseconds { real(Double(nanoseconds) / 1e9) } else { null() }
  }
  /// With six digits, rounded down, as everywhere.
  mutating func probability(_ confidence: Confidence?) {
    if let confidence { real((confidence.probability * 1e6).rounded(.down) / 1e6) } else { null() }
  }
}

/// A column of a table.
public struct TableColumn: Equatable, Sendable {
  /// What its values are.
  public enum Kind: Sendable {
    /// Whole numbers.
    case integer
    /// Truth values.
    case boolean
    /// Numbers.
    case real
    /// Text.
    case text
    /// JSON, as text.
    case json
    /// Bytes.
    case bytes
    /// Points in time.
    case time
  }

  /// Its name, that of the key in the JSON output where there is one.
  public let name: String
  /// What its values are.
  public let kind: Kind
  /// Whether a value may be missing.
  public let isOptional: Bool
  /// Whether it repeats what the connection's row says.
  public let isOfConnection: Bool
}

/// A table of records of one kind.
public struct RecordTable: Sendable {
  /// Its name, in the plural.
  public let name: String
  /// The records in it.
  public let kind: String
  /// Its columns, those that repeat what the connection's row says included.
  public let columns: [TableColumn]

  /// The table of these records, whose columns are described as `name kind`; `?` after the kind: a value may be missing; `~`
  /// before the name: it repeats what the connection's row says.
  private init(_ name: String, of kind: String, _ columns: String) {
    self.name = name
    self.kind = kind
    self.columns = columns.split(whereSeparator: { $0 == "," || $0 == "\n" }).map { text in
      let words = text.split(separator: " ")
      let name = words.first ?? ""
      let kind: TableColumn.Kind =
        switch words.dropFirst().first?.prefix(while: { $0 != "?" }) {
        case "integer": .integer
        case "boolean": .boolean
        case "real": .real
        case "json": .json
        case "bytes": .bytes
        case "time": .time
        default: .text
        }
      return TableColumn(
        name: String(name.drop { $0 == "~" }), kind: kind, isOptional: text.hasSuffix("?"),
        isOfConnection: name.hasPrefix("~"))
    }
  }

  /// Connections (`TableRows.connection`).
  public static let connections = RecordTable(
    "connections", of: "connection",
    """
    connection integer, connection_id text, time time, client text, server text, start text, http_version text?
    scheme text, url text?, request_packet integer?, response_packet integer?, file integer?, method text?, target text?
    status integer?, reason text?, request_headers json?, response_headers json?, key text?, accept text?
    accept_valid boolean?, version text?, offered_protocols json, subprotocol text?, offered_extensions json
    extensions json, upgraded boolean?, tls json?, inferred boolean, confidence real?
    """)

  /// Frames (`TableRows.frame`).
  public static let frames = RecordTable(
    "frames", of: "frame",
    """
    connection integer, ~connection_id text, frame integer, time time, end_time time, sender text, ~source text
    ~destination text, first_packet integer, last_packet integer, file integer, last_file integer, offset integer
    fin boolean, rsv1 boolean, rsv2 boolean, rsv3 boolean, opcode integer, opcode_name text, masked boolean
    masking_key text?, header_length integer, length integer, captured_length integer, complete boolean, message integer?
    text text?, bytes bytes?, truncated boolean, close_code integer?, close_reason text?, inferred boolean
    confidence real?
    """)

  /// Messages (`TableRows.message`).
  public static let messages = RecordTable(
    "messages", of: "message",
    """
    connection integer, ~connection_id text, message integer, time time, end_time time, sender text, ~source text
    ~destination text, first_packet integer, last_packet integer, file integer, last_file integer, kind text
    first_frame integer, last_frame integer, frame_count integer, compressed boolean, wire_length integer
    length integer?, complete boolean, text text?, bytes bytes?, truncated boolean, valid_utf8 boolean?, unknown json?
    inferred boolean, confidence real?, view text?, view_json json?, reply_to integer?
    """)

  /// Diagnostics (`TableRows.diagnostic`).
  public static let diagnostics = RecordTable(
    "diagnostics", of: "diagnostic",
    """
    connection integer?, ~connection_id text?, time time?, severity text, code text, message text, reference text?
    sender text?, packet integer?, file integer?, offset integer?, frame integer?
    """)

  /// Ends of connections (`TableRows.end`).
  public static let ends = RecordTable(
    "ends", of: "end",
    """
    connection integer, ~connection_id text, time time, duration real, ended_by text, closed_first text?
    client_close_code integer?, client_close_reason text?, server_close_code integer?, server_close_reason text?
    clean boolean?, browser_code integer?, idle real?, tcp_close json, explanation text
    """ + tally("client") + tally("server"))

  /// TLS connections (`TableRows.tls`).
  public static let tls = RecordTable(
    "tls", of: "tls",
    """
    connection integer?, connection_id text?, time time, end_time time, client text, server text, first_packet integer
    last_packet integer, file integer, last_file integer, client_bytes integer, server_bytes integer, version text?
    cipher_suite text?, server_name text?, alpn text?, resumed boolean?, decrypted boolean, reason text?
    explanation text?, details json
    """)

  /// What was read and found (`TableRows.summary`); one row.
  public static let summary = RecordTable(
    "summary", of: "summary",
    """
    packets integer, bytes integer, tcp_connections integer, websocket_connections integer, refused_upgrades integer
    unanswered_upgrades integer, frames integer, messages integer, notes integer, warnings integer, errors integer
    websocket_bytes integer, missing_bytes integer, undecoded_bytes integer, damaged_bytes integer, drops integer?
    details json
    """)

  /// The input files (`TableRows.file`).
  public static let files = RecordTable(
    "files", of: "capture", "file integer, path text, format text?, link_types json")

  /// All of them.
  public static let all = [connections, frames, messages, diagnostics, ends, tls, summary, files]

  /// The table of the records of one kind; nil for several kinds, or none.
  public static func of(_ kinds: RecordKinds?) -> RecordTable? { all.first { $0.records == kinds } }

  /// The records in it.
  var records: RecordKinds { RecordKinds.names.first { $0.name == kind }?.kind ?? [] }

  private static func tally(_ sender: String) -> String {
    """

    \(sender)_frames integer, \(sender)_messages integer, \(sender)_payload_bytes integer, \(sender)_wire_bytes integer
    \(sender)_missing_bytes integer, \(sender)_undecoded_bytes integer, \(sender)_last_time time?
    \(sender)_close_sent boolean?, \(sender)_unanswered_pings integer?, \(sender)_cut_off text?
    """
  }
}
