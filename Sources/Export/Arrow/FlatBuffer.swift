/// Writes a FlatBuffer (flatbuffers.dev, "Internals"): as much of it as the metadata of Arrow needs.
///
/// What others refer to is written before them and lies behind them, so a buffer is made from its end. Positions count bytes from
/// that end.
struct FlatBuffer {
  /// Where something begins, in bytes from the end of the buffer.
  typealias Position = Int

  /// The value of a field of a table.
  enum Value {
    case byte(UInt8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case offset(Position)

    fileprivate var size: Int {
      switch self {
      case .byte: 1
      case .short: 2
      case .int, .offset: 4
      case .long: 8
      }
    }
  }

  /// The bytes, the last one first.
  private var reversed: [UInt8] = []

  /// Pads, so that what begins after `size` more bytes is aligned.
  private mutating func align(_ alignment: Int, before size: Int) {
    while (reversed.count + size) % alignment != 0 { reversed.append(0) }
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { reversed.append(contentsOf: $0) }
  }

  private mutating func put(offset target: Position) { put(UInt32(reversed.count + 4 - target)) }

  /// Adds a string.
  mutating func string(_ text: String) -> Position {
    align(4, before: text.utf8.count + 1)
    reversed.append(0)
    reversed.append(contentsOf: text.utf8.reversed())
    put(UInt32(text.utf8.count))
    return reversed.count
  }

  /// Adds a vector of tables or strings.
  mutating func vector(_ elements: [Position]) -> Position {
    align(4, before: 0)
    for element in elements.reversed() { put(offset: element) }
    put(UInt32(elements.count))
    return reversed.count
  }

  /// Adds a vector of structs of two 64-bit integers.
  mutating func vector(_ pairs: [(Int64, Int64)]) -> Position {
    align(8, before: 0)
    for pair in pairs.reversed() {
      put(pair.1)
      put(pair.0)
    }
    put(UInt32(pairs.count))
    return reversed.count
  }

  /// Adds a table whose fields have these identifiers.
  mutating func table(_ fields: [(id: Int, value: Value)] = []) -> Position {
    let end = reversed.count
    var places: [Int: Position] = [:]
    for (id, value) in fields.sorted(by: { $0.value.size > $1.value.size }) {
      align(value.size, before: value.size)
      switch value {
      case .byte(let byte): put(byte)
      case .short(let short): put(short)
      case .int(let int): put(int)
      case .long(let long): put(long)
      case .offset(let target): put(offset: target)
      }
      places[id] = reversed.count
    }
    align(4, before: 4)
    let count = (fields.map(\.id).max() ?? -1) + 1
    let size = 4 + 2 * count
    put(Int32(size))  // the table that says where the fields are begins so many bytes before
    let start = reversed.count
    for id in (0..<count).reversed() { put(UInt16(places[id].map { start - $0 } ?? 0)) }
    put(UInt16(start - end))
    put(UInt16(size))
    return start
  }

  /// The buffer whose root is the table `root`: its size is a multiple of 8.
  mutating func finish(_ root: Position) -> [UInt8] {
    align(8, before: 4)
    put(offset: root)
    return reversed.reversed()
  }
}
