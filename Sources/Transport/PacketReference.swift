import Capture

/// Where a byte came from: a packet of a capture file, and its time.
public struct PacketReference: Hashable, Sendable {
  /// 1-based number within the file; equal to Wireshark's `frame.number`.
  public var number: UInt64
  /// When the packet was captured.
  public var time: Timestamp
  /// 0-based index of the file among the inputs. Last, so that what follows in memory may stand right behind it.
  public var file: UInt32

  /// The packet `number` of `file`.
  @inlinable
  public init(number: UInt64, file: UInt32 = 0, time: Timestamp) {
    self.number = number
    self.file = file
    self.time = time
  }

  /// Whether it comes before `other` in the input.
  @inlinable
  public func precedes(_ other: PacketReference) -> Bool {
    file != other.file ? file < other.file : number < other.number
  }
}

/// Position of a byte in what one side sends over TCP: 0 is the first payload byte after SYN, or the first byte captured
/// where the capture begins later.
public typealias StreamOffset = UInt64
