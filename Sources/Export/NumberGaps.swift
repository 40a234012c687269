/// An output in which connection numbers are left out, because they are not known yet.
///
/// Where several analyzers share the connections of a capture (`ConnectionShare`), each numbers its own. Which number a
/// connection has among all is known when their outputs are put together; from then on it is told (`KnownNumbers`), and written.
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

  private struct State {
    var gaps: [Gap] = []
    var written: UInt64 = 0
  }

  // Behind a pointer, because each access to a class's own variables is checked for others.
  private let state: UnsafeMutablePointer<State>

  private let known: KnownNumbers

  /// No output. The numbers that are `known` are not left out.
  public init(_ known: KnownNumbers) {
    self.known = known
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Bytes of all complete records.
  public var written: UInt64 { state.pointee.written }

  /// The number among all of the connection `number` of this share; nil if it is not known yet, and to be left out.
  @inline(__always)
  func number(of number: UInt64) -> UInt64? { known[number] }

  func leaveOut(_ number: UInt64, at offset: UInt64) {
    state.pointee.gaps.append(Gap(offset: offset, number: number))
  }

  func recordIsDone(at offset: UInt64) { state.pointee.written = offset }

  /// Hands over the gaps before `offset`.
  public func take(before offset: UInt64) -> [Gap] {
    let gaps = state.pointee.gaps
    let count = gaps.last.map { $0.offset < offset } ?? true ? gaps.count : gaps.firstIndex { $0.offset >= offset } ?? 0
    state.pointee.gaps = Array(gaps[count...])
    return Array(gaps[..<count])
  }
}
