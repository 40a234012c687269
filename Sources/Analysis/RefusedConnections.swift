/// Connections that were refused, of which no end tells that they are over: the last ones, whose diagnostics may follow.
public struct RefusedConnections: Sendable {
  /// As many as are remembered (1,024).
  public static var most: Int { 1024 }

  private var numbers: [UInt64] = []
  private var oldest = 0

  /// None.
  public init() {}

  /// Remembers the connection with this number; gives the one to forget in its place, if there are too many.
  public mutating func note(_ number: UInt64) -> UInt64? {
    guard numbers.count == Self.most else {
      numbers.append(number)
      return nil
    }
    let forgotten = numbers[oldest]
    numbers[oldest] = number
    oldest = (oldest + 1) % Self.most
    return forgotten
  }
}
