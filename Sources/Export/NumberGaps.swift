/// An output in which connection numbers are left out, because they are not known yet.
///
/// Where several analyzers share the connections of a capture (`ConnectionShare`), each numbers its own. Which number a
/// connection has among all is known when their outputs are put together.
public final class NumberGaps {
  /// A place where a number is missing.
  public struct Gap: Sendable {
    /// Bytes of output before it.
    public var offset: UInt64
    /// The connection's number in its share, from 1.
    public var number: UInt64

    /// A gap behind `offset` bytes, for the connection `number`.
    public init(offset: UInt64, number: UInt64) {
      self.offset = offset
      self.number = number
    }
  }

  /// The gaps that were not taken, in order.
  private var gaps: [Gap] = []
  /// Bytes of all complete records.
  public private(set) var written: UInt64 = 0

  /// No output.
  public init() {}

  func leaveOut(_ number: UInt64, at offset: UInt64) { gaps.append(Gap(offset: offset, number: number)) }

  func recordIsDone(at offset: UInt64) { written = offset }

  /// Hands over the gaps before `offset`.
  public func take(before offset: UInt64) -> [Gap] {
    let count = gaps.last.map { $0.offset < offset } ?? true ? gaps.count : gaps.firstIndex { $0.offset >= offset } ?? 0
    defer { gaps.removeFirst(count) }
    return Array(gaps[..<count])
  }
}
