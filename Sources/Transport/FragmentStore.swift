import Bytes
import Capture

/// Puts IP datagrams together from fragments, in any order. `FragmentLimits` says what is held and why.
struct FragmentStore: Sendable {
  private let limits: FragmentLimits
  /// What is held of each pair; never empty.
  private var pairs: [FragmentPair: PairFragments] = [:]
  private var ledger = FragmentLedger()
  /// The datagram of the latest fragment; nil if it is known to carry nothing for us.
  private(set) var latest: FragmentIdentity?

  init(limits: FragmentLimits) { self.limits = limits }

  /// What became of fragments so far.
  var counters: FragmentCounters { ledger.counts }

  /// Bytes held, about.
  var heldBytes: Int { ledger.heldBytes }

  /// Datagrams that were let go unfinished, or turned out to be unwanted; told only if `tellsLetGo`, until they are taken.
  mutating func takeLetGo() -> [FragmentIdentity] {
    defer { ledger.letGo.removeAll(keepingCapacity: true) }
    return ledger.letGo
  }

  /// Whether `takeLetGo` has anything to take.
  var hasLetGo: Bool { !ledger.letGo.isEmpty }

  /// Whether to tell of datagrams that are let go.
  var tellsLetGo: Bool {
    get { ledger.tellsLetGo }
    set { ledger.tellsLetGo = newValue }
  }

  /// Takes the fragment `header`, whose bytes are those of `cursor`'s layer. Returns the datagram that it completes.
  mutating func add(
    _ header: FragmentHeader, _ cursor: PacketCursor, _ bytes: RawSpan, _ time: Timestamp
  ) -> ReassembledDatagram? {
    let isV6 = cursor.source.isV6
    latest = nil
    // In IPv6, only the first fragment's number counts (RFC 8200 §4.5).
    guard isV6 || IPProtocol.mayCarryTCP(header.protocolNumber, isV6: false) else { return nil }
    let identity = FragmentIdentity(
      source: cursor.source, destination: cursor.destination, protocolNumber: isV6 ? 0 : header.protocolNumber,
      identification: header.identification)
    latest = identity
    guard cursor.isWhole else {
      ledger.counts.cut &+= 1
      return nil
    }
    let size = PartialDatagram.sizeAtMost(header: header.headerLength, bytes: cursor.wireLength)
    guard makeRoom(for: size) else {
      ledger.counts.refused &+= 1
      return nil
    }
    let pair = FragmentPair(
      source: identity.source, destination: identity.destination, protocolNumber: identity.protocolNumber)
    let datagram = pairs[pair, default: PairFragments(pair)].add(header, cursor, bytes, time, limits, &ledger)
    if !ledger.isLatestWanted { latest = nil }
    forgetIfEmpty(pair)
    return datagram.map { ReassembledDatagram(bytes: $0, nesting: cursor.nesting &- 1) }
  }

  /// Lets go of datagrams, those that began first first, until `size` bytes fit. False if they cannot.
  private mutating func makeRoom(for size: Int) -> Bool {
    guard size <= limits.bytes else { return false }
    while ledger.heldBytes + size > limits.bytes {
      guard let oldest = ledger.arrivals.first else { return false }
      pairs[oldest.pair]?.drop(oldest, &ledger)
      forgetIfEmpty(oldest.pair)
      ledger.arrivals.removeFirst()
    }
    ledger.forgetGone { pairs[$0.pair]?.holds($0) ?? false }
    return true
  }

  private mutating func forgetIfEmpty(_ pair: FragmentPair) {
    if pairs[pair]?.isEmpty == true { pairs[pair] = nil }
  }
}

/// What fragments say about the connection that they belong to.
struct FragmentPair: Hashable, Sendable {
  var source: IPAddress
  var destination: IPAddress
  /// 0 for IPv6, where fragments of a datagram may differ in it.
  var protocolNumber: UInt8
}

/// Which IP datagram a fragment is of.
public struct FragmentIdentity: Hashable, Sendable {
  /// Who sends it.
  public var source: IPAddress
  /// Whom it is for.
  public var destination: IPAddress
  /// What it carries; 0 for IPv6, where fragments of a datagram may differ in it.
  public var protocolNumber: UInt8
  /// Tells the datagrams of the two apart; 16 bits in IPv4.
  public var identification: UInt32
}

/// The sums over all pairs.
struct FragmentLedger: Sendable {
  /// A datagram that was begun; it may be gone.
  struct Arrival: Sendable {
    var pair: FragmentPair
    var serial: UInt64
  }

  var counts = FragmentCounters()
  var heldBytes = 0
  var heldDatagrams = 0
  /// Whether the datagram of the latest fragment may carry something for us.
  var isLatestWanted = true
  /// Unfinished datagrams, oldest first, among some that are gone.
  var arrivals = ArrivalQueue()
  private var nextSerial: UInt64 = 0
  /// Whether `letGo` is wanted.
  var tellsLetGo = false
  var letGo: [FragmentIdentity] = []

  /// Notes the begin of a datagram; returns the number that tells it from others.
  mutating func begin(_ pair: FragmentPair) -> UInt64 {
    nextSerial &+= 1
    arrivals.append(Arrival(pair: pair, serial: nextSerial))
    heldDatagrams += 1
    heldBytes += PartialDatagram.overhead
    counts.incomplete &+= 1
    return nextSerial
  }

  /// Notes that nothing more comes of the datagram of `pair` with this identification.
  mutating func noteLetGo(_ pair: FragmentPair, _ identification: UInt32) {
    guard tellsLetGo else { return }
    letGo.append(
      FragmentIdentity(
        source: pair.source, destination: pair.destination, protocolNumber: pair.protocolNumber,
        identification: identification))
  }

  /// Notes that `datagram` is held no more.
  mutating func end(_ datagram: PartialDatagram) {
    heldDatagrams -= 1
    heldBytes -= datagram.size
  }

  /// Keeps the list of arrivals short, in constant time a datagram on average.
  mutating func forgetGone(isHeld: (Arrival) -> Bool) {
    if arrivals.count > 2 * heldDatagrams + 64 { arrivals.keep(where: isHeld) }
  }
}

/// Datagrams in the order in which they were begun: first in, first out.
struct ArrivalQueue: Sendable {
  private var arrivals: [FragmentLedger.Arrival] = []
  private var head = 0

  var count: Int { arrivals.count - head }
  var first: FragmentLedger.Arrival? { head < arrivals.count ? arrivals[head] : nil }

  mutating func append(_ arrival: FragmentLedger.Arrival) { arrivals.append(arrival) }

  /// Precondition: it is not empty.
  mutating func removeFirst() {
    head += 1
    if head * 2 > arrivals.count {
      arrivals.removeFirst(head)
      head = 0
    }
  }

  mutating func keep(where isKept: (FragmentLedger.Arrival) -> Bool) {
    arrivals = arrivals[head...].filter(isKept)
    head = 0
  }
}
