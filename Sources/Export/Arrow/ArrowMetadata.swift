/// The metadata of an Arrow stream (Arrow's format/Message.fbs and format/Schema.fbs). Numbers are the fields' and the unions' own.
enum ArrowMetadata {
  private static let version = FlatBuffer.Value.short(4)  // MetadataVersion.V5

  /// The message that begins a stream.
  static func schema(_ columns: [ArrowColumn], properties: [(String, String)]) -> [UInt8] {
    var buffer = FlatBuffer()
    let fields = columns.map { field($0, &buffer) }
    let fieldVector = buffer.vector(fields)
    let pairs = properties.map { key, value in
      let (key, value) = (buffer.string(key), buffer.string(value))
      return buffer.table([(0, .offset(key)), (1, .offset(value))])
    }
    let pairVector = buffer.vector(pairs)
    let schema = buffer.table([(0, .short(0)), (1, .offset(fieldVector)), (2, .offset(pairVector))])
    return message(1, schema, bodyLength: 0, &buffer)
  }

  /// The message before so many rows, whose columns have so many values and nulls, in buffers at these places.
  static func batch(
    rows: Int, nodes: [(Int64, Int64)], buffers: [(offset: Int64, length: Int64)], bodyLength: Int
  ) -> [UInt8] {
    var buffer = FlatBuffer()
    let bufferVector = buffer.vector(buffers.map { ($0.offset, $0.length) })
    let nodeVector = buffer.vector(nodes)
    let batch = buffer.table([(0, .long(Int64(rows))), (1, .offset(nodeVector)), (2, .offset(bufferVector))])
    return message(3, batch, bodyLength: bodyLength, &buffer)
  }

  private static func message(
    _ kind: UInt8, _ header: FlatBuffer.Position, bodyLength: Int, _ buffer: inout FlatBuffer
  ) -> [UInt8] {
    buffer.finish(
      buffer.table([(0, version), (1, .byte(kind)), (2, .offset(header)), (3, .long(Int64(bodyLength)))]))
  }

  private static func field(_ column: ArrowColumn, _ buffer: inout FlatBuffer) -> FlatBuffer.Position {
    let name = buffer.string(column.name)
    let children = buffer.vector([FlatBuffer.Position]())
    let (kind, type) = type(column.kind, &buffer)
    return buffer.table([
      (0, .offset(name)), (1, .byte(column.isOptional ? 1 : 0)), (2, .byte(kind)), (3, .offset(type)),
      (5, .offset(children)),
    ])
  }

  /// The number of the type in the union `Type`, and its table.
  private static func type(
    _ kind: ArrowColumn.Kind, _ buffer: inout FlatBuffer
  ) -> (UInt8, FlatBuffer.Position) {
    switch kind {
    case .integer: return (2, buffer.table([(0, .int(64)), (1, .byte(1))]))
    case .real: return (3, buffer.table([(0, .short(2))]))
    case .text: return (5, buffer.table())
    case .boolean: return (6, buffer.table())
    case .timestamp:
      let zone = buffer.string("UTC")
      return (10, buffer.table([(0, .short(2)), (1, .offset(zone))]))
    case .longBytes: return (19, buffer.table())
    case .longText: return (20, buffer.table())
    }
  }
}
