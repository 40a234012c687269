import Bytes
import Capture
import Transport

/// Whose packets came, for who keeps packets: what is known of the latest one, and of connections since the trail was cleared.
public struct PacketTrail: Equatable, Sendable {
  /// Whose a packet is.
  public enum Owner: Equatable, Sendable {
    /// It is of no TCP connection.
    case nobody
    /// It is of the connection between these ends; `isOpening`: it has a SYN.
    case connection(FlowKey, isOpening: Bool)
    /// It is a fragment that completes nothing.
    case fragment(FragmentIdentity)
  }

  /// Whose the latest packet is.
  public internal(set) var owner = Owner.nobody
  /// The datagrams that it completed, from the outermost on.
  public internal(set) var completed: [FragmentIdentity] = []
  /// A connection of which there is a record.
  public struct Found: Equatable, Sendable {
    /// Its ends.
    public var key: FlowKey
    /// Its number.
    public var number: UInt64
  }

  /// The connections of which there is a record now.
  public internal(set) var found: [Found] = []
  /// The ends of connections that have said nothing, and were forgotten.
  public internal(set) var forgotten: [FlowKey] = []
  /// The datagrams of which nothing comes any more, whose fragments had come.
  public internal(set) var letGo: [FragmentIdentity] = []

  /// Whether it says anything but whose the latest packet is.
  public var hasNews: Bool { !found.isEmpty || !completed.isEmpty || !forgotten.isEmpty || !letGo.isEmpty }
}

/// What a connection is taken for.
public enum ConnectionStanding: Sendable {
  /// It may turn out to carry a WebSocket.
  case undecided
  /// There is a record of it: it carries, or carried, a WebSocket, or asked for one.
  case shown
  /// It is of no interest, or not known.
  case other
}

extension Analyzer {
  /// The same as `packet`; afterwards, `trail` tells whose the packet is.
  public mutating func tracedPacket<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ bytes: RawSpan, file: UInt32 = 0, into sink: inout S
  ) {
    let reference = PacketReference(number: packet.number, file: file, time: packet.time)
    settleResets(packet.time, into: &sink)
    count(packet)
    trail?.owner = .nobody
    var content = decoder.next(packet, bytes)
    defer { if decoder.hasLetGoDatagrams { trail?.letGo += decoder.takeLetGoDatagrams() } }
    guard case .datagram = content else { return takeTraced(content, bytes, reference, into: &sink) }
    while case .datagram(let datagram) = content {
      if let fragment = decoder.latestFragment { trail?.completed.append(fragment) }
      content = decoder.next(datagram: datagram, time: packet.time)
      takeTraced(content, datagram.bytes.span.bytes, reference, into: &sink)
    }
  }

  private mutating func takeTraced<S: RecordSink & ~Copyable>(
    _ content: PacketContent, _ bytes: RawSpan, _ packet: PacketReference, into sink: inout S
  ) {
    switch content {
    case .segment(let segment):
      let (key, _) = FlowKey.of(segment.source, segment.destination)
      trail?.owner = .connection(key, isOpening: segment.flags.contains(.syn))
      take(segment, bytes, packet, into: &sink)
    case .datagram: break
    case .nothing(let reason):
      if reason == .fragment, let fragment = decoder.latestFragment { trail?.owner = .fragment(fragment) }
      summary.dismissedPackets[reason, default: 0] += 1
    }
  }

  /// Forgets what `trail` says, when it has been acted on.
  public mutating func clearTrail() {
    guard trail != nil else { return }
    trail?.completed.removeAll(keepingCapacity: true)
    trail?.found.removeAll(keepingCapacity: true)
    trail?.forgotten.removeAll(keepingCapacity: true)
    trail?.letGo.removeAll(keepingCapacity: true)
  }

  /// What the connection between these ends is taken for.
  public func standing(of key: FlowKey) -> ConnectionStanding {
    guard let place = table.find(key).map({ ConnectionPlace(rawValue: $0) }) else { return .other }
    switch place.store {
    case .quiet: return .undecided
    case .flows: return flows[place.index].isShown ? .shown : .undecided
    case .dismissed: return dismissed.isShown(place.index) ? .shown : .other
    case .doubtful: return flows[doubts[place.index].flow].isShown ? .shown : .undecided
    }
  }

  /// There is a record of the connection at `index` now, which has this number.
  mutating func markShown(_ index: Int, _ number: UInt64) {
    flows[index].isShown = true
    trail?.found.append(PacketTrail.Found(key: flows[index].tcp.key, number: number))
  }
}
