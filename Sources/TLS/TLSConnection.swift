import Bytes

/// Decrypts a TLS connection, both directions of it, with the secrets of a key log (RFC 8446, RFC 5246).
///
/// Its two directions are 0 and 1; which of them is the client's, the first hello tells. One may have to wait for the other,
/// or for a secret: then `next` gives nil before all bytes are taken, and `waiting` says for what. Who calls it keeps those
/// bytes, and shows them again when the other direction or the key log has brought something.
///
/// An object, as it is large and every record looks at some of it.
public final class TLSConnection {
  // Nobody but its own methods, one after the other, accesses these: checking that at run time would cost an eighth of all.
  @exclusivity(unchecked) var handshake = TLSHandshake()
  @exclusivity(unchecked) var streams: InlineArray<2, TLSStream> = [TLSStream(), TLSStream()]
  var given = GivenSecrets()

  /// A connection of which nothing was seen yet.
  public init() {}

  /// The direction of the client; nil while no hello was seen.
  public var client: Int? { handshake.client }

  /// What `next` stopped for in the direction `side`; nil if it did not.
  public func waiting(_ side: Int) -> TLSWait? { streams[side].waiting }

  /// Whether nothing more of the direction `side` will be decrypted.
  public func isOver(_ side: Int) -> Bool { streams[side].isOver }

  /// What is known of it.
  public var information: TLSInformation {
    var result = TLSInformation()
    handshake.describe(&result)
    // In a fixed order, whichever came first.
    let client = handshake.client ?? 0
    result.hasData = streams[0].hasData || streams[1].hasData
    result.obstacle = streams[client].obstacle ?? streams[1 - client].obstacle
    return result
  }

  /// Bytes of memory that it takes besides its own size, about.
  public var heldBytes: Int { streams[0].heldBytes + streams[1].heldBytes + handshake.heldBytes }

  /// The next bytes of the direction `side` stand at `offset` of the TCP stream. Counts before the first ones only.
  public func begin(_ side: Int, at offset: UInt64) {
    guard !streams[side].hasBegun else { return }
    streams[side].hasBegun = true
    streams[side].wire = offset
  }

  /// Offset in the TCP stream of the first byte of a record that is there in part, or of what is searched; nil if there is
  /// none.
  public func unfinished(_ side: Int) -> UInt64? {
    if let search = streams[side].search.first { return search.base }
    let start = streams[side].recordStart
    return start < streams[side].wire ? start : nil
  }

  // MARK: What the streams bring

  /// The next thing that `bytes`, of the direction `side`, complete from `position` on; nil when all of them are taken, or
  /// when that direction waits. Data is in `buffers.output`.
  public func next(
    _ side: Int, _ bytes: RawSpan, _ position: inout Int, _ log: borrowing KeyLog, _ buffers: inout TLSBuffers
  ) -> TLSEvent? {
    streams[side].waiting = nil
    if !streams[side].following.isEmpty { return streams[side].following.removeFirst() }
    while true {
      if !streams[side].search.isEmpty {
        if !streams[side].replay.isEmpty {
          var replay: [UInt8] = []
          swap(&replay, &streams[side].replay)
          var start = 0
          streams[side].search[0].take(replay.span.bytes, &start)
        }
        streams[side].search[0].take(bytes, &position)
        if let event = look(side, log, &buffers) { return event }
        if !streams[side].search.isEmpty { return nil }
      }
      if !streams[side].replay.isEmpty {
        var replay: [UInt8] = []
        swap(&replay, &streams[side].replay)
        var start = 0
        let event = step(side, replay.span.bytes, &start, log, &buffers)
        if start < replay.count, !streams[side].isOver { streams[side].replay = Array(replay[start...]) }
        if event != nil || streams[side].waiting != nil { return event }
        continue
      }
      return step(side, bytes, &position, log, &buffers)
    }
  }

  /// `count` bytes of the direction `side`, which does not wait, were never captured. What that means is told when it is
  /// known, by the next event.
  public func skip(_ side: Int, _ count: UInt64) -> TLSEvent? {
    guard !streams[side].isOver, count > 0 else { return nil }
    let start = streams[side].recordStart
    var isClear = false
    streams[side].messages.reset()
    switch streams[side].protection {
    case .clear where !canGoOn(side):
      return giveUp(side, handshake.client == side || handshake.client == nil ? .noClientHello : .noServerHello)
    case .clear:
      isClear = true
      if handshake.client == side { handshake.mayLackHello = true }
      endHellos()
    case .pending: streams[side].lose(from: start)
    case .keys(_, let keys):
      keys.decryptor.noteGap([UInt8]().span.bytes)
      streams[side].lose(from: start)
    case .opaque: return nil
    }
    streams[side].credit = min(streams[side].credit, RecordSearch.mostCredit)
    if !streams[side].search.isEmpty {
      streams[side].wire = streams[side].search[0].base + UInt64(streams[side].search[0].buffer.count) &+ count
      let wire = streams[side].wire
      streams[side].search[0].restart(at: wire)
      return nil
    }
    if !streams[side].replay.isEmpty {
      streams[side].wire += UInt64(streams[side].replay.count)
      streams[side].replay = []
      streams[side].reader.reset()
    } else if streams[side].reader.damage(missing: count) {
      if !isClear { streams[side].sequence += 1 }
      streams[side].wire &+= count
      return nil
    }
    // From here on, it may be encrypted (TLS 1.2) although nothing said so.
    streams[side].lose(from: start)
    streams[side].wire &+= count
    streams[side].reader.reset()
    streams[side].search = [RecordSearch(base: streams[side].wire)]
    return nil
  }

  /// The direction `side` is over. Call until nil.
  public func finish(_ side: Int) -> TLSEvent? {
    guard !streams[side].isOver else { return nil }
    streams[side].isOver = true
    if let obstacle = obstacleOfPassed(side) {
      note(side, obstacle)
      return .opaque(streams[side].obstacle ?? obstacle)
    }
    guard let loss = streams[side].loss else { return nil }
    streams[side].loss = nil
    if loss.failures > 0 { note(side, .badRecords) }
    let end = streams[side].search.first.map { $0.base + UInt64($0.buffer.count) } ?? streams[side].wire
    let bytes = end - min(end, loss.start)
    return .gap(TLSGap(most: bytes, isExact: false, records: nil, start: loss.start))
  }

  /// What the direction `side` waits for will not come. Says why, if nothing more of it will be decrypted.
  public func stopWaiting(_ side: Int, _ log: borrowing KeyLog) -> TLSEvent? {
    guard let waiting = streams[side].waiting else { return nil }
    streams[side].waiting = nil
    if waiting == .secret { return giveUp(side, handshake.missingSecret(log)) }
    if case .pending(.early) = streams[side].protection {
      passEarlyData(side)
      return nil
    }
    return giveUp(side, handshake.clientHello == nil ? .noClientHello : .noServerHello)
  }

  /// Nothing of it will be decrypted, for the reason `obstacle`.
  public func abandon(_ obstacle: TLSObstacle) {
    for side in 0...1 { _ = giveUp(side, obstacle) }
  }

  /// Nothing more of the direction `side` will be decrypted.
  func giveUp(_ side: Int, _ obstacle: TLSObstacle) -> TLSEvent {
    note(side, obstacle)
    streams[side].giveUp()
    return .opaque(obstacle)
  }

  /// Notes why something is not decrypted.
  func note(_ side: Int, _ obstacle: TLSObstacle) {
    if streams[side].obstacle == nil { streams[side].obstacle = obstacle }
  }

  /// Whether, in the clear part of `side`, what was said until now is enough to go on behind a gap.
  private func canGoOn(_ side: Int) -> Bool {
    handshake.clientHello != nil && handshake.serverHello != nil || handshake.hasRetried
      || (side == handshake.client && handshake.clientHello != nil)
  }

  // MARK: Records

  private func step(
    _ side: Int, _ bytes: RawSpan, _ position: inout Int, _ log: borrowing KeyLog, _ buffers: inout TLSBuffers
  ) -> TLSEvent? {
    while true {
      if streams[side].isOver {
        position = bytes.byteCount
        return nil
      }
      let before = position
      defer { streams[side].wire &+= UInt64(position - before) }
      switch streams[side].reader.state {
      case .header:
        guard position < bytes.byteCount else { return nil }
        if !streams[side].reader.takeHeader(bytes, &position), streams[side].reader.state != .lost { return nil }
      case .lost:
        return loseRecords(side)
      case .passing(let count):
        if !streams[side].reader.pass(count, bytes, &position) { return nil }
      case .body(let header):
        let use = judge(side, header, log)
        if use == .wait { return nil }
        if case .stop(let event) = use { return event }
        guard let fragment = streams[side].reader.takeBody(header, bytes, &position, &buffers) else { return nil }
        let end = streams[side].wire &+ UInt64(position - before)
        let start = end - UInt64(header.count + RecordHeader.length)
        let record = Record(header: header, start: start)
        let event: TLSEvent?
        switch fragment {
        case .shown(let range): event = take(side, record, use, bytes.extracting(range), log, &buffers)
        case .kept:
          let kept = streams[side].reader.takeKept()
          event = take(side, record, use, kept.span.bytes, log, &buffers)
          buffers.give(kept)
        }
        if let event { return event }
      }
    }
  }

  /// No header stands where one must.
  private func loseRecords(_ side: Int) -> TLSEvent? {
    if case .clear = streams[side].protection {
      guard handshake.client == nil else { return giveUp(side, .badRecords) }
      streams[side].giveUp()
      return .notTLS
    }
    if case .keys(_, let keys) = streams[side].protection { keys.decryptor.noteGap([UInt8]().span.bytes) }
    streams[side].lose(from: streams[side].recordStart)
    var search = RecordSearch(base: streams[side].recordStart)
    var position = 0
    let kept = streams[side].reader.takeKept()
    search.take(kept.span.bytes, &position)
    streams[side].reader.reset()
    streams[side].search = [search]
    return .badRecord
  }
}

/// A record, and where its header begins in the TCP stream.
struct Record {
  var header: RecordHeader
  var start: UInt64
}
