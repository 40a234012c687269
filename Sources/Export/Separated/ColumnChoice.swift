import Analysis
import Filter

/// The columns of a table in text, and the kind of records that are its rows.
public struct ColumnChoice: Equatable, Sendable {
  /// Why there is no such table.
  public enum Fault: Error, Equatable {
    /// There is no field of this name; perhaps another one is meant.
    case unknown(String, suggestions: [String])
    /// The records have no such field, those of these types have.
    case foreign(String, in: String, elsewhere: [String])
    /// Records of this type make no table.
    case noTable(String)
  }

  /// The kind of records: frames, messages, or other ones that have fields.
  public let kind: RecordKinds
  /// The columns by name, in order.
  public let names: [String]

  /// The kinds that make a table; the first that has all columns is taken, unless one is asked for.
  private static let tables: [(kind: RecordKinds, columns: String)] = [
    (.message, "connection,message,time,sender,source,destination,kind,length,complete,text,view"),
    (.frame, "connection,frame,time,sender,source,destination,opcode_name,fin,length,complete,message,text"),
    (.diagnostic, "connection,time,severity,code,message,reference,sender,packet,offset,frame"),
    (
      .end,
      "connection,time,client,server,duration,ended_by,closed_first,clean,browser_code,client_close.code,"
        + "server_close.code,client.messages,server.messages,client.payload_bytes,server.payload_bytes"
    ),
    (.connection, "connection,connection_id,time,client,server,url,upgraded,response.status,subprotocol,extensions"),
    (.tls, "connection,time,end_time,client,server,client_bytes,server_bytes"),
  ]

  /// The columns called `names`; a list that suits the records if there are none. Throws `Fault`.
  ///
  /// - Parameter kind: the kind of records; nil: messages or, where they lack a column, the first kind that has all.
  public init(_ names: [String], kind: RecordKinds?) throws(Fault) {
    var columns: [FieldColumn] = []
    for name in names {
      guard let column = FieldColumn(name) else { throw .unknown(name, suggestions: FieldTable.names) }
      columns.append(column)
    }
    let chosen =
      kind ?? Self.tables.first { table in columns.allSatisfy { $0.kinds.contains(table.kind) } }?.kind ?? .message
    guard let table = Self.tables.first(where: { $0.kind == chosen }) else { throw .noTable(Self.name(chosen)) }
    for column in columns where !column.kinds.contains(chosen) {
      throw .foreign(
        column.name, in: Self.name(chosen),
        elsewhere: Self.tables.filter { column.kinds.contains($0.kind) }.map { Self.name($0.kind) })
    }
    self.kind = chosen
    self.names = names.isEmpty ? table.columns.split(separator: ",").map(String.init) : names
  }

  /// The kinds that the analyzer has to make: the rows, and what else their columns are taken from.
  public var kinds: RecordKinds {
    let columns = names.compactMap { FieldColumn($0) }
    let isAboutConnection = columns.contains { column in
      column.needsConnection || column.fields.contains { $0.baseName == "time_relative" || $0.baseName == "inferred" }
    }
    return isAboutConnection ? [kind, .capture, .connection, .end] : kind
  }

  private static func name(_ kind: RecordKinds) -> String {
    RecordKinds.names.first { $0.kind == kind }?.name ?? "several"
  }
}
