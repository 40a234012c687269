import Bytes

/// Records that cannot be decrypted, since the last one that could.
struct RecordLoss {
  /// Offset in the TCP stream of the header of the first of them.
  var start: UInt64
  /// The number of the first of them.
  var sequence: UInt64
  /// Whether they are under other keys than the next ones.
  var isOther = false
  /// Whether they begin inside the handshake.
  var isBeforeData = false
  /// How many were there and were not authentic.
  var failures = 0
}

/// One direction of a TLS connection.
struct TLSStream {
  /// What protects its records from here on.
  enum Protection {
    /// Nothing.
    case clear
    /// Keys that were not asked for yet, or are not known yet.
    case pending(Epoch)
    case keys(Epoch, TrafficKeys)
    /// What nobody will find out.
    case opaque
  }

  var protection = Protection.clear
  /// The number of the next record under its keys (RFC 8446 §5.3).
  var sequence: UInt64 = 0
  /// Whether records that are not authentic are no fault until the first one is: they belong to keys of before.
  var passesUnsound = false
  var reader = RecordReader()
  var messages = HandshakeMessages()
  /// Offset in the TCP stream of the next byte.
  var wire: UInt64 = 0
  var loss: RecordLoss?
  /// Where records are looked for after a gap that goes beyond a record; empty otherwise, so that the others are small.
  var search: [RecordSearch] = []
  /// Bytes that were searched, and come before those that will be shown.
  var replay: [UInt8] = []
  /// What comes next, behind the event that was given.
  var following: [TLSEvent] = []
  /// Where records begin that were passed over because of `passesUnsound`.
  var passed: [UInt64] = []
  /// What `next` stopped for.
  var waiting: TLSWait?
  var isOver = false
  /// Whether application data of it was decrypted.
  var hasData = false
  /// The first reason why something of it is not decrypted.
  var obstacle: TLSObstacle?
  var hasBegun = false

  /// Records of application data without padding, and with.
  var padding = (without: 0, with: 0)
  /// The explicit nonce of the last record that was authentic, and its number (TLS 1.2).
  var lastNonce: (value: UInt64, sequence: UInt64)?
  /// Bytes that may be decrypted in vain to find the number of a record: see `RecordSearch`.
  var credit = RecordSearch.firstCredit

  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int {
    reader.kept.capacity + messages.heldBytes + replay.capacity + (search.isEmpty ? 0 : search[0].buffer.capacity)
  }

  /// Records are protected by keys of `epoch` from here on.
  mutating func expect(_ epoch: Epoch) {
    protection = .pending(epoch)
    sequence = 0
    lastNonce = nil
  }

  /// Nothing more will be decrypted.
  mutating func giveUp() {
    protection = .opaque
    isOver = true
    search = []
    replay = []
    following = []
    passed = []
    waiting = nil
    loss = nil
    reader.reset()
    messages.reset()
  }

  /// Bytes that the reader stands behind, in the record in progress.
  var recordStart: UInt64 { wire - UInt64(reader.taken) }

  /// Notes that what begins at `start` cannot be decrypted.
  mutating func lose(from start: UInt64) {
    if loss == nil { loss = RecordLoss(start: start, sequence: sequence, isBeforeData: isBeforeData) }
  }

  /// Whether no application data can have come yet. That of a later handshake of TLS 1.2 does not count.
  private var isBeforeData: Bool {
    switch protection {
    case .clear, .pending(.handshake), .keys(.handshake, _): !passesUnsound
    case .pending(.session), .keys(.session, _): !hasData && sequence == 0
    case .pending, .keys, .opaque: false
    }
  }

  /// What was lost before the record with the number `found`, whose header begins at `end`; under other keys than the lost
  /// ones if `isOther`. `sendsTickets`: whether it is the server's direction.
  func gap(
    _ loss: RecordLoss, before end: UInt64, found: UInt64, _ decryptor: RecordDecryptor, isOther: Bool,
    sendsTickets: Bool
  ) -> TLSGap {
    let bytes = end - min(loss.start, end)
    guard !isOther, found >= loss.sequence else {
      return TLSGap(most: bytes, isExact: false, records: nil, start: loss.start)
    }
    let records = found - loss.sequence
    // What stands between was not the sender's.
    guard records > 0 else { return TLSGap(most: 0, isExact: true, records: 0, start: loss.start) }
    let (overhead, isTooMuch) = records.multipliedReportingOverflow(
      by: UInt64(RecordHeader.length + decryptor.overhead))
    let most = isTooMuch || overhead > bytes ? 0 : bytes - overhead
    // TLS 1.3: as long as nobody pads. A server may send tickets whenever it likes, in records that look like any other.
    var isExact = decryptor.tellsLength || !sendsTickets && padding.with == 0 && padding.without >= 2
    if case .cbc = decryptor.protection { isExact = false }
    return TLSGap(most: most, isExact: isExact, records: records, start: loss.start)
  }
}
