import Analysis
import Capture
import Transport

/// Writes the packets of WebSocket connections, from their first one on, in the order of the capture: those of connections that may
/// turn out to be one wait, and so do all that come behind them.
struct WebSocketPacketsTap: PacketTap, ~Copyable {
  static var wantsBlocks: Bool { true }

  /// Nanoseconds for which a fragment waits for the rest of its datagram, as long as `FragmentLimits` allows (60 s).
  private static let fragmentPatience: Int64 = 60_000_000_000
  /// Pairs of hosts with WebSocket connections that are remembered for the sake of fragments that were never completed.
  private static let mostHosts = 65_536

  private var copier: PcapngCopier
  private let output: PacketOutput
  private var hold: PacketHold
  /// The owner in `hold` of each connection that may turn out to be wanted, and which connection an owner is.
  private var table = FlowTable()
  private var keys: [Int: FlowKey] = [:]
  private var fragments: [FragmentIdentity: Int] = [:]
  private var datagrams: [Int: FragmentIdentity] = [:]
  private var hosts: Set<HostPair> = []

  /// A tap of so many captures that writes into `output`.
  init(captures: Int, _ output: PacketOutput, limits: WritingLimits = WritingLimits()) {
    copier = PcapngCopier(captures: captures, application: "\(Manual.name) \(Manual.version)")
    self.output = output
    hold = PacketHold(limits)
  }

  /// What was written that nobody asked for, and what is lacking.
  var remarks: (forced: UInt64, lost: UInt64) { (hold.forced, hold.lost) }

  mutating func take<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, _ analyzer: inout Analyzer,
    into sink: inout S
  ) {
    analyzer.tracedPacket(packet, bytes, file: UInt32(truncatingIfNeeded: file), into: &sink)
    guard let trail = analyzer.trail else { return }
    settle(trail)
    var standing = ConnectionStanding.other
    if case .connection(let key, _) = trail.owner { standing = analyzer.standing(of: key) }
    if let fate = fate(trail, standing) {
      let start = hold.bytes.count
      copier.append(packet, block, bytes, file: file, to: &hold.bytes)
      var isPinned = false
      if case .connection(_, isOpening: true) = trail.owner { isPinned = true }
      hold.add(from: start, fate, at: packet.time, isPinned: isPinned)
    }
    if !trail.found.isEmpty || !trail.completed.isEmpty || !trail.forgotten.isEmpty { analyzer.clearTrail() }
    hold.now = max(hold.now, packet.time)
    giveUpFragments()
    release()
  }

  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int) {
    if case .other(let block) = event, block.isOtherEvent { return }
    let start = hold.bytes.count
    if copier.append(event, block, bytes, file: file, to: &hold.bytes) { hold.add(from: start, .kept, at: nil) }
    release()
  }

  mutating func flush(at time: Timestamp) {
    hold.now = max(hold.now, time)
    release()
    output.flush()
  }

  mutating func finish(_ analyzer: inout Analyzer) {
    if let trail = analyzer.trail { settle(trail) }
    analyzer.clearTrail()
    for (owner, datagram) in datagrams { hold.decide(owner, isWanted: hosts.contains(HostPair(datagram))) }
    hold.releaseAll(into: output)
  }

  private mutating func release() {
    hold.release(into: output)
    while let owner = hold.nextIdle() {
      if let key = keys.removeValue(forKey: owner) { table.remove(key) }
      if let datagram = datagrams.removeValue(forKey: owner) { fragments[datagram] = nil }
    }
  }

  // MARK: Decisions

  /// Acts on what has become known of connections.
  private mutating func settle(_ trail: PacketTrail) {
    for key in trail.found {
      if hosts.count < Self.mostHosts { hosts.insert(HostPair(key)) }
      decide(key, isWanted: true)
    }
    for key in trail.forgotten { decide(key, isWanted: false) }
  }

  private mutating func decide(_ key: FlowKey, isWanted: Bool) {
    guard !keys.isEmpty, let owner = table.find(key) else { return }
    table.remove(key)
    keys[owner] = nil
    hold.decide(owner, isWanted: isWanted)
  }

  /// What becomes of the latest packet; nil if it is not wanted.
  private mutating func fate(_ trail: PacketTrail, _ standing: ConnectionStanding) -> PacketHold.Fate? {
    switch trail.owner {
    case .nobody:
      for datagram in trail.completed { decide(datagram, isWanted: false) }
      return nil
    case .connection(let key, _):
      switch standing {
      case .shown:
        decide(key, isWanted: true)
        for datagram in trail.completed {
          if hosts.count < Self.mostHosts { hosts.insert(HostPair(datagram)) }
          decide(datagram, isWanted: true)
        }
        return .kept
      case .other:
        decide(key, isWanted: false)
        for datagram in trail.completed { decide(datagram, isWanted: false) }
        return nil
      case .undecided:
        let owner = owner(of: key)
        for datagram in trail.completed { merge(datagram, into: owner) }
        return .waits(owner)
      }
    case .fragment(let fragment):
      let owner = owner(of: fragment)
      for datagram in trail.completed where datagram != fragment { merge(datagram, into: owner) }
      return .waits(owner)
    }
  }

  private mutating func owner(of key: FlowKey) -> Int {
    if let owner = table.find(key) { return owner }
    let owner = hold.makeOwner()
    table.insert(key, owner)
    keys[owner] = key
    return owner
  }

  // MARK: Fragments

  private mutating func owner(of fragment: FragmentIdentity) -> Int {
    if let owner = fragments[fragment] { return owner }
    let owner = hold.makeOwner()
    fragments[fragment] = owner
    datagrams[owner] = fragment
    return owner
  }

  private mutating func merge(_ datagram: FragmentIdentity, into other: Int) {
    guard let owner = fragments.removeValue(forKey: datagram) else { return }
    datagrams[owner] = nil
    hold.merge(owner, into: other)
  }

  private mutating func decide(_ datagram: FragmentIdentity, isWanted: Bool) {
    guard let owner = fragments.removeValue(forKey: datagram) else { return }
    datagrams[owner] = nil
    hold.decide(owner, isWanted: isWanted)
  }

  /// Lets fragments go that have waited too long, unless their hosts have a WebSocket connection.
  private mutating func giveUpFragments() {
    while !datagrams.isEmpty, let (owner, time) = hold.first, let datagram = datagrams[owner] {
      guard let time, hold.now.since(time) > Self.fragmentPatience else { return }
      decide(datagram, isWanted: hosts.contains(HostPair(datagram)))
      release()
    }
  }
}

/// Two hosts, in either order.
private struct HostPair: Hashable {
  let a: IPAddress
  let b: IPAddress

  init(_ a: IPAddress, _ b: IPAddress) {
    let isInOrder = (a.high, a.low) <= (b.high, b.low)
    self.a = isInOrder ? a : b
    self.b = isInOrder ? b : a
  }

  init(_ key: FlowKey) { self.init(key.first.address, key.second.address) }

  init(_ fragment: FragmentIdentity) { self.init(fragment.source, fragment.destination) }
}
