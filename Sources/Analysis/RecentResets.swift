import Capture
import Transport

/// Connections that seem to be over because of a RST, in order of those, until it is clear that they have not gone on: one that
/// was forged ends nothing (RFC 5961 §1).
@usableFromInline
struct RecentResets {
  /// A RST counts if its connection has not gone on for so long, in nanoseconds: 5 s.
  static let patience: Int64 = 5_000_000_000
  /// It counts as well when so many packets of the capture have passed, so that the connections that wait are not too many.
  static let mostPackets: UInt64 = 65_536

  /// A connection that a RST seems to have ended.
  struct Entry {
    let doubt: Int
    let packet: PacketReference
    /// Packets of the capture up to the RST.
    let ordinal: UInt64
    let deadline: Timestamp
  }

  private var entries: [Entry] = []
  private var head = 0
  /// The time from which on the first of them counts as ended, and the packets.
  @usableFromInline private(set) var deadline = Timestamp(nanoseconds: .max)
  @usableFromInline private(set) var lastPacket = UInt64.max

  /// The first of them; nil if there is none.
  var first: Entry? { head < entries.count ? entries[head] : nil }

  /// Adds the doubtful connection at `doubt`, which the RST in `packet` seems to have ended.
  ///
  /// - Parameters:
  ///   - ordinal: packets of the capture so far.
  ///   - now: the latest time of a packet.
  mutating func add(_ doubt: Int, _ packet: PacketReference, ordinal: UInt64, now: Timestamp) {
    let (end, overflows) = now.nanoseconds.addingReportingOverflow(Self.patience)
    let deadline = Timestamp(nanoseconds: overflows ? .max : end)
    entries.append(Entry(doubt: doubt, packet: packet, ordinal: ordinal, deadline: deadline))
    update()
  }

  /// Whether the first of them counts as ended at `time`, after so many packets.
  @inlinable @inline(__always)
  func isDue(_ time: Timestamp, _ packets: UInt64) -> Bool { deadline <= time || lastPacket <= packets }

  /// Takes the first one.
  mutating func next() -> Entry? {
    guard let entry = first else { return nil }
    head += 1
    if head == entries.count || head >= 4096 {
      entries.removeFirst(head)
      head = 0
    }
    update()
    return entry
  }

  private mutating func update() {
    deadline = first?.deadline ?? Timestamp(nanoseconds: .max)
    lastPacket = first.map { $0.ordinal + Self.mostPackets } ?? .max
  }
}
