import Capture
import Transport

/// Connections that a RST seems to have ended lately, in the order in which they were reset. Some of them may go on: then the
/// RST was forged, or was lost on its way.
struct RecentResets {
  /// A RST counts if its connection has not gone on for so long, in nanoseconds: 5 s.
  static let patience: Int64 = 5_000_000_000
  /// Connections that are waited for at most. 1,024: what a server that restarts resets at once.
  static let most = 1024

  private var entries: [(doubt: Int, packet: PacketReference, deadline: Timestamp)] = []
  private var head = 0
  /// The time from which on the first of them counts as ended.
  private(set) var deadline = Timestamp(nanoseconds: .max)

  /// Adds the doubtful connection at `doubt`, which the RST in `packet` seems to have ended; `now` is the latest time of a
  /// packet. Gives the one that is waited for no more, if there are too many.
  mutating func add(_ doubt: Int, _ packet: PacketReference, now: Timestamp) -> (doubt: Int, packet: PacketReference)? {
    let (end, overflows) = now.nanoseconds.addingReportingOverflow(Self.patience)
    entries.append((doubt, packet, Timestamp(nanoseconds: overflows ? .max : end)))
    defer { update() }
    return entries.count - head > Self.most ? pop() : nil
  }

  /// The next one whose time is over at `now`; nil if there is none.
  mutating func next(_ now: Timestamp) -> (doubt: Int, packet: PacketReference)? {
    guard deadline <= now, head < entries.count else { return nil }
    defer { update() }
    return pop()
  }

  private mutating func pop() -> (doubt: Int, packet: PacketReference) {
    let entry = entries[head]
    head += 1
    if head == entries.count || head >= 2 * Self.most {
      entries.removeFirst(head)
      head = 0
    }
    return (entry.doubt, entry.packet)
  }

  private mutating func update() {
    deadline = head < entries.count ? entries[head].deadline : Timestamp(nanoseconds: .max)
  }
}
