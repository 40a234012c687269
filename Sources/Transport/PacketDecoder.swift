import Bytes
import Capture

/// Takes packets apart: link layer, tags, tunnels, IP with its fragments, down to the TCP segment.
///
/// Tags and tunnels are passed through and forgotten: hosts with the same addresses in two networks are not told apart.
/// Tunnels in tunnels are followed eight deep.
///
/// It knows no connections. All that it keeps from packet to packet are IP fragments (see `FragmentLimits`) and counts.
/// A packet without fragments costs no allocation.
///
/// ```swift
/// var content = decoder.next(packet, bytes)
/// while case .datagram(let datagram) = content {
///   content = decoder.next(datagram: datagram, time: packet.time)  // a segment's payload is in `datagram.bytes`
/// }
/// ```
public struct PacketDecoder: Sendable {
  /// Tunnels within tunnels that are followed.
  public static let maximumTunnels = Int(PacketCursor.maximumTunnels)

  private var fragments: FragmentStore
  private var counts = PacketCounters()

  /// A decoder that holds IP fragments within `limits`.
  public init(limits: FragmentLimits = .default) {
    fragments = FragmentStore(limits: limits)
  }

  /// What was decoded so far, and what was not, with fragments that still wait counted as incomplete.
  public var counters: PacketCounters {
    var result = counts
    result.fragments = fragments.counters
    return result
  }

  /// The datagram of the latest fragment that came, in a packet or in a datagram; nil if it is known to hold no TCP.
  public var latestFragment: FragmentIdentity? { fragments.latest }

  /// Whether `takeLetGoDatagrams` is to be told of any.
  public var tellsLetGoDatagrams: Bool {
    get { fragments.tellsLetGo }
    set { fragments.tellsLetGo = newValue }
  }

  /// Whether `takeLetGoDatagrams` has any.
  public var hasLetGoDatagrams: Bool { fragments.hasLetGo }

  /// The datagrams of which nothing comes any more, since this was asked last: they were given up unfinished, or turned out to
  /// hold no TCP.
  public mutating func takeLetGoDatagrams() -> [FragmentIdentity] { fragments.takeLetGo() }

  /// Bytes of fragments held, as `FragmentLimits.bytes` counts them.
  var heldFragmentBytes: Int { fragments.heldBytes }

  /// Decodes `packet`, whose bytes are `bytes[packet.data]`.
  ///
  /// A segment's payload is a range of `bytes`. Precondition: `packet.data` lies within `bytes`.
  public mutating func next(_ packet: CapturedPacket, _ bytes: RawSpan) -> PacketContent {
    if let segment = nextPlain(packet, bytes) { return .segment(segment) }
    var cursor = PacketCursor(packet)
    return follow(&cursor, from: cursor.link(packet.linkType, bytes), bytes, packet.time)
  }

  /// The fast path of `next`: the segment of an Ethernet frame with a whole IPv4 datagram without options or fragments. Nil
  /// for anything else, of which nothing was noted then: ask `next`.
  @inline(__always)
  public mutating func nextPlain(_ packet: CapturedPacket, _ bytes: RawSpan) -> TCPSegment? {
    guard packet.linkType == .ethernet, packet.data.count >= 54,
      let segment = TCPSegment(plainFrame: bytes.extracting(packet.data), at: packet.data.lowerBound)
    else { return nil }
    counts.segments &+= 1
    return segment
  }

  /// Whether the packet is such a frame, and belongs to a connection of another share than number `index` of `count`. Then
  /// nothing more is asked of it: its checksum is not computed. A packet that begins with a request of HTTP is none such.
  @inline(__always)
  public func isPlain(_ packet: CapturedPacket, _ bytes: RawSpan, ofOtherShareThan index: Int, of count: Int) -> Bool {
    guard packet.linkType == .ethernet, packet.data.count >= 54 else { return false }
    let frame = bytes.extracting(packet.data)
    guard let payload = TCPSegment.plainPayload(frame), TCPSegment.plainShare(frame, of: count) != index else {
      return false
    }
    return payload.count < 4 || !TCPSegment.beginsRequest(frame.u32(payload.lowerBound))
  }

  /// Decodes a datagram that a packet of `time` completed.
  ///
  /// A segment's payload is a range of `datagram.bytes`. In a tunnel, the datagram may hold another fragment.
  public mutating func next(datagram: ReassembledDatagram, time: Timestamp) -> PacketContent {
    var cursor = PacketCursor(datagram)
    return follow(&cursor, from: .ip, datagram.bytes.span.bytes, time)
  }

  /// Goes from layer to layer. It ends, because each layer but the last takes bytes away. Inlined, so that the segment
  /// is made where it is returned.
  @inline(__always)
  private mutating func follow(
    _ cursor: inout PacketCursor, from first: Layer, _ bytes: RawSpan, _ time: Timestamp
  ) -> PacketContent {
    var layer = first
    while true {
      switch layer {
      case .ethernet: layer = cursor.ethernet(bytes)
      case .etherType(let type): layer = cursor.etherType(type, bytes)
      case .mpls: layer = cursor.mpls(bytes)
      case .ppp: layer = cursor.ppp(bytes)
      case .ip: layer = cursor.ip(bytes)
      case .ipv4: layer = cursor.ipv4(bytes)
      case .ipv6: layer = cursor.ipv6(bytes)
      case .inIP(let number): layer = cursor.inIP(number, bytes)
      case .tcp:
        if let segment = cursor.tcp(bytes) {
          counts.segments &+= 1
          return .segment(segment)
        }
        layer = .nothing(.malformed)
      case .fragment(let header):
        if let datagram = fragments.add(header, cursor, bytes, time) { return .datagram(datagram) }
        layer = .nothing(.fragment)
      case .nothing(let reason):
        counts.dismissed.add(reason)
        return .nothing(reason)
      }
    }
  }
}
