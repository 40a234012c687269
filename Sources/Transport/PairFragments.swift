import Bytes
import Capture

/// The unfinished datagrams of one pair of addresses, oldest first.
struct PairFragments: Sendable {
  private let pair: FragmentPair
  private var datagrams: [PartialDatagram] = []

  init(_ pair: FragmentPair) { self.pair = pair }

  var isEmpty: Bool { datagrams.isEmpty }

  /// Whether `arrival` is still among them.
  func holds(_ arrival: FragmentLedger.Arrival) -> Bool {
    datagrams.contains { $0.serial == arrival.serial }
  }

  /// Takes the fragment `header`, whose bytes are those of `cursor`'s layer. Returns the datagram that it completes.
  mutating func add(
    _ header: FragmentHeader, _ cursor: PacketCursor, _ bytes: RawSpan, _ time: Timestamp, _ limits: FragmentLimits,
    _ ledger: inout FragmentLedger
  ) -> [UInt8]? {
    let index = index(of: header.identification, time, limits, &ledger)
    let sizeBefore = datagrams[index].size
    if header.offset == 0 {
      let range = cursor.datagramStart..<cursor.datagramStart + header.headerLength
      datagrams[index].setHeader(
        bytes, range, protocolNumber: header.protocolNumber, at: cursor.protocolPosition)
      if datagrams[index].isWanted, !cursor.mayCarryTCP(header.protocolNumber, bytes) {
        datagrams[index].reject()
        ledger.counts.incomplete &-= 1
        ledger.noteLetGo(pair, header.identification)
      }
    }
    if !datagrams[index].add(header, bytes, cursor.start..<cursor.end) { ledger.counts.conflicts &+= 1 }
    ledger.heldBytes += datagrams[index].size - sizeBefore
    ledger.isLatestWanted = datagrams[index].isWanted
    guard datagrams[index].isComplete else { return nil }
    let complete = datagrams.remove(at: index)
    ledger.end(complete)
    guard complete.isWanted else { return nil }
    ledger.counts.incomplete &-= 1
    ledger.counts.completed &+= 1
    return complete.assembled()
  }

  /// Drops the datagram `arrival`, if it is still among them, to make room for others.
  mutating func drop(_ arrival: FragmentLedger.Arrival, _ ledger: inout FragmentLedger) {
    guard let index = datagrams.firstIndex(where: { $0.serial == arrival.serial }) else { return }
    let dropped = datagrams.remove(at: index)
    ledger.end(dropped)
    ledger.noteLetGo(pair, dropped.identification)
    if dropped.isWanted { ledger.counts.crowdedOut &+= 1 }
  }

  /// Where the datagram with this identification is; a new one if there is none, or one too old.
  private mutating func index(
    of identification: UInt32, _ time: Timestamp, _ limits: FragmentLimits, _ ledger: inout FragmentLedger
  ) -> Int {
    if let index = datagrams.firstIndex(where: { $0.identification == identification }) {
      if !isExpired(datagrams[index], time, limits) { return index }
      ledger.end(datagrams.remove(at: index))
      ledger.noteLetGo(pair, identification)
    } else if datagrams.count >= max(limits.datagramsPerPair, 1) {
      let oldest = datagrams.removeFirst()
      ledger.end(oldest)
      ledger.noteLetGo(pair, oldest.identification)
      if oldest.isWanted { ledger.counts.crowdedOut &+= 1 }
    }
    datagrams.append(
      PartialDatagram(identification: identification, started: time, serial: ledger.begin(pair)))
    return datagrams.count - 1
  }

  /// Time that runs backwards as far counts as well: the capture was put together from others.
  private func isExpired(_ datagram: PartialDatagram, _ time: Timestamp, _ limits: FragmentLimits) -> Bool {
    let lifetime = pair.source.isV6 ? limits.lifetimeIPv6 : limits.lifetimeIPv4
    return time.since(datagram.started).magnitude > lifetime.magnitude
  }
}
