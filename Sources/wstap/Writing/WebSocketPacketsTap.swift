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
  /// The numbers of the connections that are wanted; nil for all.
  private let selection: Set<UInt64>?
  /// The ends of those of them that were found.
  private var selected: Set<FlowKey> = []
  /// The owner in `hold` of each connection that may turn out to be wanted, and which connection an owner is.
  private var table = FlowTable()
  private var keys: [Int: FlowKey] = [:]
  private var fragments: [FragmentIdentity: Int] = [:]
  private var datagrams: [Int: FragmentIdentity] = [:]
  private var hosts: Set<HostPair> = []

  /// A tap of so many captures that writes into `output`.
  ///
  /// - Parameter connections: the numbers of the connections that are wanted; nil for all.
  init(captures: Int, _ output: PacketOutput, connections: Set<UInt64>?, limits: WritingLimits = WritingLimits()) {
    selection = connections
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
    if case .connection(let key, _) = trail.owner { standing = self.standing(of: key, analyzer) }
    if let fate = fate(trail, standing) {
      let start = hold.bytes.count
      copier.append(packet, block, bytes, file: file, to: &hold.bytes)
      var isPinned = false
      if case .connection(_, isOpening: true) = trail.owner { isPinned = true }
      hold.add(from: start, fate, at: packet.time, isPinned: isPinned)
    }
    if trail.hasNews { analyzer.clearTrail() }
    if analyzer.hasSecrets { writeSecrets(&analyzer) }
    hold.now = max(hold.now, packet.time)
    giveUpFragments()
    release()
  }

  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int) {
    if case .other(let block) = event, block.isOtherEvent { return }
    // Those that are needed are written (`writeSecrets`).
    if case .secrets = event { return }
    let start = hold.bytes.count
    if copier.append(event, block, bytes, file: file, to: &hold.bytes) { hold.add(from: start, .kept, at: nil) }
    release()
  }

  mutating func flush(_ analyzer: inout Analyzer, at time: Timestamp) {
    hold.now = max(hold.now, time)
    giveUpFragments()
    release()
    output.flush()
  }

  mutating func finish(_ analyzer: inout Analyzer) {
    if let trail = analyzer.trail { settle(trail) }
    analyzer.clearTrail()
    writeSecrets(&analyzer)
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

  /// Writes the secrets of connections that are wanted, before any packet that waits.
  private func writeSecrets(_ analyzer: inout Analyzer) {
    for found in analyzer.takeSecrets() where selection == nil || selected.contains(found.key) {
      output.write(found.secrets)
    }
  }

  /// Acts on what has become known of connections.
  private mutating func settle(_ trail: PacketTrail) {
    for connection in trail.found {
      let isWanted = selection?.contains(connection.number) ?? true
      if isWanted, hosts.count < Self.mostHosts { hosts.insert(HostPair(connection.key)) }
      if selection != nil {
        // Another one between these ends may have been before it.
        if isWanted { selected.insert(connection.key) } else { selected.remove(connection.key) }
      }
      decide(connection.key, isWanted: isWanted)
    }
    for key in trail.forgotten { decide(key, isWanted: false) }
    for datagram in trail.letGo { decide(datagram, isWanted: hosts.contains(HostPair(datagram))) }
  }

  /// What the connection between these ends is taken for: one that is not wanted is of no interest.
  private func standing(of key: FlowKey, _ analyzer: borrowing Analyzer) -> ConnectionStanding {
    let standing = analyzer.standing(of: key)
    return standing == .shown && selection != nil && !selected.contains(key) ? .other : standing
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
