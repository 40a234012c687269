/// What is known of the interface that packets were captured on.
public struct CaptureInterface: Equatable, Sendable {
  /// 0-based index within its section: what `CapturedPacket.interface` names.
  public var index: UInt32
  /// 0-based number of the section within the file (always 0 in a pcap file).
  public var section: UInt32
  /// What the first byte of its packets begins.
  public var linkType: LinkType
  /// Bytes of frame check sequence at the end of its packets (0 when none or unknown).
  public var fcsLength: UInt8
  /// The unit of its packets' times.
  public var resolution: TimestampResolution
  /// The most bytes that were kept of a packet; 0 means no limit, or that the writer did not say.
  public var snaplen: UInt32
  /// Seconds to add to its packets' times. They are added already.
  public var timeOffset: Int64
  /// Its name (`eth0`), UTF-8, as a range of the bytes shown; empty when the file does not say.
  public var name: Range<Int>
  /// Words about it, UTF-8, as a range of the bytes shown; empty when the file does not say.
  public var description: Range<Int>

  /// An interface of these properties.
  public init(
    index: UInt32 = 0, section: UInt32 = 0, linkType: LinkType, fcsLength: UInt8 = 0,
    resolution: TimestampResolution = .microseconds, snaplen: UInt32 = 0, timeOffset: Int64 = 0,
    name: Range<Int> = 0..<0, description: Range<Int> = 0..<0
  ) {
    self.index = index
    self.section = section
    self.linkType = linkType
    self.fcsLength = fcsLength
    self.resolution = resolution
    self.snaplen = snaplen
    self.timeOffset = timeOffset
    self.name = name
    self.description = description
  }
}
