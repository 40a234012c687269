/// Lines of connections that were not selected themselves: each waits until something of its connection is in the report.
struct HeldConnections {
  /// More is not held (16 MiB): of further connections, only the ends are told.
  private static let most = 16 << 20

  private var lines: [UInt64: [UInt8]] = [:]
  private var count = 0

  /// Holds the line of the connection `number`, if there is room.
  mutating func hold(_ line: [UInt8], of number: UInt64) {
    guard lines[number] == nil, line.count <= Self.most - count else { return }
    count += line.count
    lines[number] = line
  }

  /// Hands over the line of the connection `number`.
  mutating func take(_ number: UInt64) -> [UInt8]? {
    let line = lines.removeValue(forKey: number)
    count -= line?.count ?? 0
    return line
  }
}
