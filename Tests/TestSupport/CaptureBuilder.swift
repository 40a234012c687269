import Bytes
import Capture

/// Packets to be written as a capture in any format: what a test says once and reads back as pcap, pcapng, in both byte
/// orders.
public struct CaptureBuilder: Sendable {
  /// A packet to write.
  public struct Packet: Equatable, Sendable {
    /// When it was captured.
    public var time: Timestamp
    /// What its first byte begins. pcap files have the builder's for all of their packets.
    public var linkType: LinkType
    /// Length on the wire; nil means that of `bytes`.
    public var originalLength: UInt32?
    /// What was captured.
    public var bytes: [UInt8]
  }

  /// The packets, in file order.
  public var packets: [Packet] = []
  /// TLS key logs to put before the packets of a pcapng file.
  public var keyLogs: [[UInt8]] = []
  /// The link type of packets that do not say otherwise.
  public var linkType: LinkType
  /// The time of the next packet that does not say otherwise; each packet moves it to a millisecond later.
  public var clock: Timestamp

  /// No packets yet; the clock starts at 2023-11-14T22:13:20Z.
  public init(
    linkType: LinkType = .ethernet, clock: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
  ) {
    self.linkType = linkType
    self.clock = clock
  }

  /// Adds a packet, captured at `time` or else a millisecond after the one before.
  public mutating func add(
    _ bytes: [UInt8], at time: Timestamp? = nil, originalLength: UInt32? = nil, linkType: LinkType? = nil
  ) {
    let time = time ?? clock
    packets.append(
      Packet(time: time, linkType: linkType ?? self.linkType, originalLength: originalLength, bytes: bytes))
    clock = Timestamp(nanoseconds: time.nanoseconds &+ 1_000_000)
  }

  /// The packets as a pcap file; `resolution` is microseconds or nanoseconds.
  public func pcap(
    order: ByteOrder = .little, resolution: TimestampResolution = .nanoseconds, snaplen: UInt32 = 262_144,
    fcsLength: UInt8 = 0
  ) -> [UInt8] {
    let writer = PcapWriter(order: order, resolution: resolution)
    var file: [UInt8] = []
    writer.appendHeader(linkType: linkType, snaplen: snaplen, fcsLength: fcsLength, to: &file)
    for packet in packets {
      writer.appendPacket(
        packet.bytes.span.bytes, time: packet.time, originalLength: packet.originalLength, to: &file)
    }
    return file
  }

  /// The packets as a pcapng file of one section, with an interface for each link type.
  public func pcapng(order: ByteOrder = .little, resolution: TimestampResolution = .nanoseconds) -> [UInt8] {
    var writer = PcapngWriter(order: order)
    var file: [UInt8] = []
    writer.appendSection(to: &file)
    var interfaces: [LinkType: UInt32] = [:]
    for type in [linkType] + packets.map(\.linkType) where interfaces[type] == nil {
      interfaces[type] = writer.appendInterface(linkType: type, resolution: resolution, to: &file)
    }
    for keyLog in keyLogs { writer.appendSecrets(keyLog.span.bytes, type: .tlsKeyLog, to: &file) }
    for packet in packets {
      writer.appendPacket(
        packet.bytes.span.bytes, time: packet.time, interface: interfaces[packet.linkType] ?? 0,
        originalLength: packet.originalLength, to: &file)
    }
    return file
  }
}
