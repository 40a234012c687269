/// One packet of a capture: where it stands, when it was seen, how long it was on the wire.
///
/// It holds no bytes: `data` is a range of the bytes shown to the reader.
public struct CapturedPacket: Equatable, Sendable {
  /// 1-based number within its capture file; equal to Wireshark's `frame.number`.
  public var number: UInt64
  /// When the packet was captured. If `hasTime` is false, the time of the packet before it in the file.
  public var time: Timestamp
  /// What its first byte begins.
  public var linkType: LinkType
  /// Bytes of frame check sequence at the end of the packet as it was on the wire (0 when none or unknown).
  public var fcsLength: UInt8
  /// Whether the file says when the packet was captured: false in a pcapng Simple Packet Block.
  public var hasTime: Bool
  /// 0-based index of the capturing interface within its section (always 0 in a pcap file).
  public var interface: UInt32
  /// Length on the wire, in bytes. At least `data.count` in a sound capture; more where a snaplen cut the packet.
  public var originalLength: UInt32
  /// The captured bytes, as a range of the bytes shown.
  public var data: Range<Int>

  /// A packet of these properties.
  @inlinable
  public init(
    number: UInt64, time: Timestamp, linkType: LinkType, fcsLength: UInt8 = 0, interface: UInt32 = 0,
    originalLength: UInt32, data: Range<Int>, hasTime: Bool = true
  ) {
    self.number = number
    self.time = time
    self.linkType = linkType
    self.fcsLength = fcsLength
    self.hasTime = hasTime
    self.interface = interface
    self.originalLength = originalLength
    self.data = data
  }
}
