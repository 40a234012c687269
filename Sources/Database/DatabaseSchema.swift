import Export

/// The SQL that makes the database.
enum DatabaseSchema {
  /// The version of this schema, also in `PRAGMA user_version`. Tables, views and columns may be added to it; they are never
  /// renamed or given another meaning.
  static let version = 1

  /// `WSTP`, for `PRAGMA application_id`.
  static let applicationID = 0x5753_5450

  /// Tables that are empty.
  static var tables: String {
    let made = RecordTable.all.map { table in
      let key =
        switch table.name {
        case "connections", "files": ""
        default: "id INTEGER PRIMARY KEY, "
        }
      return "CREATE TABLE \(table.name) (\(key)\(columns(of: table).map(\.definition).joined(separator: ", ")));"
    }
    return """
      PRAGMA application_id = \(applicationID);
      PRAGMA user_version = \(version);
      CREATE TABLE wstap (version TEXT NOT NULL, schema INTEGER NOT NULL);
      \(made.joined(separator: "\n"))
      """
  }

  /// The columns of `table` that are stored: those that only repeat what the connection's row says are not.
  static func columns(of table: RecordTable) -> [(name: String, definition: String)] {
    table.columns.filter { !$0.isOfConnection }.map { column in
      let isKey = ["connections", "files"].contains(table.name) && column.name == table.columns.first?.name
      let end = isKey ? " PRIMARY KEY" : column.isOptional ? "" : " NOT NULL"
      switch column.kind {
      case .integer, .boolean: return (column.name, "\(column.name) INTEGER\(end)")
      case .real: return (column.name, "\(column.name) REAL\(end)")
      case .text, .json: return (column.name, "\(column.name) TEXT\(end)")
      case .bytes: return (column.name, "\(column.name) BLOB\(end)")
      case .time: return ("\(column.name)_ns", "\(column.name)_ns INTEGER\(end)")
      }
    }
  }

  /// Adds times as text, which are made when they are asked for. Rows would be slower to add with them there.
  private static var times: String {
    RecordTable.all.flatMap { table in
      table.columns.filter { $0.kind == .time }.map { column in
        """
        ALTER TABLE \(table.name) ADD COLUMN \(column.name) TEXT
        GENERATED ALWAYS AS (\(text(of: "\(column.name)_ns"))) VIRTUAL;
        """
      }
    }.joined(separator: "\n")
  }

  /// RFC 3339 with nanoseconds, made of the number of nanoseconds in `column`.
  private static func text(of column: String) -> String {
    let fraction = "((\(column) % 1000000000 + 1000000000) % 1000000000)"
    return """
      strftime('%Y-%m-%dT%H:%M:%S', (\(column) - \(fraction)) / 1000000000, 'unixepoch') || \
      printf('.%09dZ', \(fraction))
      """
  }

  /// What is best made when all rows are there, if nobody asks before.
  static var completion: String { times + indexes + views }

  /// What makes questions quick.
  private static let indexes = """
    CREATE INDEX messages_of_connection ON messages (connection, message);
    CREATE INDEX messages_by_time ON messages (time_ns);
    CREATE INDEX frames_of_connection ON frames (connection, frame);
    CREATE INDEX frames_of_message ON frames (connection, message);
    CREATE INDEX frames_by_time ON frames (time_ns);
    CREATE INDEX diagnostics_of_connection ON diagnostics (connection);
    CREATE INDEX diagnostics_by_code ON diagnostics (code);
    CREATE INDEX ends_of_connection ON ends (connection);
    """

  /// Ready-made questions.
  private static let views = """
    CREATE VIEW conversation AS
      SELECT m.connection, m.message, m.time, c.url, m.sender, m.kind, m.length,
        coalesce(m.text, CASE WHEN m.bytes IS NOT NULL THEN '(' || length(m.bytes) || ' bytes)' END) AS content
      FROM messages m LEFT JOIN connections c USING (connection) ORDER BY m.time_ns, m.id;
    CREATE VIEW connection_list AS
      SELECT c.connection, c.time, c.client, c.server, c.url, c.subprotocol, c.upgraded, c.status, e.duration,
        e.client_messages, e.server_messages, e.client_payload_bytes, e.server_payload_bytes, e.ended_by,
        e.explanation, (SELECT count(*) FROM diagnostics d WHERE d.connection = c.connection) AS diagnostics
      FROM connections c LEFT JOIN ends e USING (connection) ORDER BY c.connection;
    CREATE VIEW problems AS
      SELECT d.severity, d.code, count(*) AS times, count(DISTINCT d.connection) AS connections,
        min(d.time) AS first, d.reference, min(d.message) AS example
      FROM diagnostics d GROUP BY d.severity, d.code, d.reference
      ORDER BY CASE d.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, times DESC;
    CREATE VIEW message_compression AS
      SELECT connection, sender, count(*) AS messages, sum(wire_length) AS wire_bytes, sum(length) AS bytes,
        round(1.0 * sum(length) / nullif(sum(wire_length), 0), 2) AS ratio
      FROM messages WHERE compressed GROUP BY connection, sender;
    CREATE VIEW replies AS
      SELECT r.connection, q.message AS request, r.message AS reply, r.view, q.time, q.sender,
        (r.time_ns - q.end_time_ns) / 1e9 AS latency, q.view_json AS request_json, r.view_json AS reply_json
      FROM messages r JOIN messages q ON q.connection = r.connection AND q.message = r.reply_to
      ORDER BY q.time_ns, r.id;
    """
}
