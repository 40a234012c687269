import Bytes
import Capture
import Transport

/// A ping or pong, as far as telling which belongs to which needs (RFC 6455 §5.5.3).
struct Beat {
  let hash: UInt64
  let length: UInt64
  let packet: PacketReference
  let offset: StreamOffset
  let frame: UInt64

  /// - Parameter payload: unmasked, as far as it is stored.
  init(_ payload: RawSpan, length: UInt64, _ start: FrameStart, frame: UInt64) {
    var hash = FNV1a()
    for i in 0..<min(payload.byteCount, 125) { hash.add(payload.u8(i)) }
    self.hash = hash.value
    self.length = length
    packet = start.packet
    offset = start.offset
    self.frame = frame
  }

  func isSame(_ other: Beat) -> Bool { hash == other.hash && length == other.length }
}

/// The pings of one sender that wait for a pong, and the pongs of its peer that answer none of them.
///
/// A pong answers the ping with the same payload, and with it those before it (§5.5.3). As packets of the two directions may
/// be written down in a wrong order, a pong without a ping waits as well.
struct PingWatch {
  /// Pings, and pongs without a ping, that are remembered. A peer that answers at all answers sooner.
  static let most = 16

  private var pings: [Beat] = []
  private var strays: [Beat] = []
  /// Pings without an answer, those that are not remembered included.
  private(set) var unanswered: UInt64 = 0
  /// Pongs that answer no ping and need not be remembered.
  private var strayCount: UInt64 = 0
  private var firstStray: Beat?
  /// Whether a ping or pong was not captured whole, so that what answers what is not known.
  var isBlurred = false

  /// Whether it is as it was made: nothing waits.
  var isAsNew: Bool {
    pings.isEmpty && strays.isEmpty && unanswered == 0 && strayCount == 0 && firstStray == nil && !isBlurred
  }

  /// The first ping of those without an answer that is remembered.
  var firstUnanswered: Beat? { pings.first }

  /// The sender pings.
  mutating func ping(_ ping: Beat) {
    if let index = strays.firstIndex(where: { $0.isSame(ping) && $0.packet.time >= ping.packet.time }) {
      strays.remove(at: index)
      pings.removeAll(keepingCapacity: true)
      unanswered = 0
      return
    }
    if pings.count == Self.most { pings.removeFirst() }
    pings.append(ping)
    unanswered += 1
  }

  /// Its peer sends a pong.
  mutating func pong(_ pong: Beat) {
    if let index = pings.firstIndex(where: { $0.isSame(pong) }) {
      pings.removeSubrange(...index)
      unanswered = UInt64(pings.count)
    } else if unanswered == pings.count {  // else it may answer one that is not remembered
      if strays.count == Self.most { settle(strays.removeFirst()) }
      strays.append(pong)
    }
  }

  private mutating func settle(_ stray: Beat) {
    if firstStray == nil { firstStray = stray }
    strayCount += 1
  }

  /// No ping comes any more: the first pong that answers none, and how many there are.
  mutating func finish() -> (first: Beat, count: UInt64)? {
    for stray in strays { settle(stray) }
    strays = []
    return firstStray.map { ($0, strayCount) }
  }
}

/// The pings and pongs of both senders.
struct PingWatches {
  /// Of the client's pings, and of the server's; empty until there is a ping or pong.
  private var watches: [PingWatch] = []

  /// Gives memory back that is not needed now.
  mutating func trim() {
    if watches.allSatisfy(\.isAsNew) { watches = [] }
  }

  private mutating func watch(_ pinger: Sender, _ change: (inout PingWatch) -> Void) {
    if watches.isEmpty { watches = [PingWatch(), PingWatch()] }
    change(&watches[Int(pinger.rawValue)])
  }

  /// What `sender` sent: a ping, or else a pong; nil if it was not captured whole.
  mutating func take(_ beat: Beat?, isPing: Bool, _ sender: Sender) {
    watch(isPing ? sender : sender.peer) { watch in
      guard let beat else {
        watch.isBlurred = true
        return
      }
      if isPing { watch.ping(beat) } else { watch.pong(beat) }
    }
  }

  /// What is known of the pings of `pinger`; nil if there are none.
  subscript(pinger: Sender) -> PingWatch? { watches.isEmpty ? nil : watches[Int(pinger.rawValue)] }

  /// See `PingWatch.finish`.
  mutating func finish(_ pinger: Sender) -> (first: Beat, count: UInt64)? {
    watches.isEmpty ? nil : watches[Int(pinger.rawValue)].finish()
  }
}
