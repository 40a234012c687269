/// The numbers of the connections that were refused last: what is wrong with their handshakes is told after they are.
struct RefusedConnections {
  /// Connections that are remembered.
  static let most = 1024

  private var numbers: [UInt64] = []
  private var oldest = 0

  /// Takes another one; gives the one that is forgotten for it, if there are too many.
  mutating func add(_ number: UInt64) -> UInt64? {
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
