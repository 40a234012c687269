import Bytes
import Transport
import WebSocket

/// What a sender's stream needs while it is not known where its frames begin.
struct FrameSeeking {
  var search = StreamSearch()
  /// Whether pieces that were kept are being decoded, and more of them wait.
  var isReplaying = false
  /// How many of the bytes that were passed over were told.
  var told: UInt64 = 0
}

/// How sure the place of a sender's frames is, where it was found.
struct PlaceConfidence {
  /// For the frame in progress; the first one has what it says for itself.
  private(set) var frame: Confidence
  /// For all but the first frame: they were landed on.
  private var rest: Confidence
  private var isFirst = true

  init(first: Confidence, rest: Confidence) {
    frame = min(first, rest)
    self.rest = rest
  }

  /// A frame begins. One more that lies where it was expected makes all that was inferred surer.
  mutating func beginFrame() {
    if !isFirst {
      rest = Confidence(bits: rest.bits + 2)
      frame = rest
    }
    isFirst = false
  }

  /// Whether it is beyond doubt that frames are there: from here on, a fault is the sender's.
  var isBeyondDoubt: Bool { rest >= Confidence(bits: 18) }
}

/// How a sender's stream loses step, and finds it again.
extension SenderStream {
  /// Says what is known of where the first frame is, before the first bytes; `passed` bytes came before, and `missed` that
  /// the capture lacks.
  mutating func begin(_ start: FirstFrame, passed: UInt64, missed: UInt64) {
    isPlain = false
    tally.undecodedBytes += passed
    tally.wireBytes += passed
    tally.missingBytes += missed
    switch start {
    case .known: return
    case .unknown: beginSeeking()
    case .found(let inference):
      beginSeeking()
      decoder = FrameDecoder()
      seeking = []
      self.inference = inference
    }
  }

  /// Where the next frame begins is not known any more; `headerBytes` of a header were taken that make no frame.
  mutating func loseStep<S: RecordSink & ~Copyable>(
    at offset: StreamOffset, headerBytes: Int = 0, _ packet: PacketReference, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    shared.reporter.report(.stepLost, sender, packet, offset, into: &sink)
    tally.undecodedBytes += UInt64(headerBytes)
    emitAbandoned(&shared, into: &sink)
    beginSeeking()
  }

  /// The same, behind a gap of unknown length, unless step is lost already.
  mutating func loseStepUnlessLost<S: RecordSink & ~Copyable>(
    at offset: StreamOffset, _ packet: PacketReference, _ shared: inout SessionShared, into sink: inout S
  ) {
    guard !decoder.isLost else { return }
    loseStep(at: offset, headerBytes: decoder.partialHeaderLength, packet, &shared, into: &sink)
  }

  /// Frames are to be looked for.
  mutating func beginSeeking() {
    isPlain = false
    decoder.loseStep()
    hasLostStep = true
    inference = nil
    mayMissFirstFragment = true
    mayMissLast = true
    messages.loseContext()
    if seeking.isEmpty { seeking.append(FrameSeeking()) }
  }

  /// More bytes among which frames are to be found.
  mutating func seek<S: RecordSink & ~Copyable>(
    _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference, _ workspace: inout Workspace,
    _ shared: inout SessionShared, into sink: inout S
  ) {
    guard bytes.byteCount > 0, !seeking.isEmpty else { return }
    seeking[0].search.append(bytes, at: offset, packet)
    if !seeking[0].isReplaying { resume(&workspace, &shared, into: &sink) }
  }

  /// The same for bytes that are missing.
  mutating func seek<S: RecordSink & ~Copyable>(
    _ gap: StreamGap, _ packet: PacketReference, _ workspace: inout Workspace, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    guard !seeking.isEmpty else { return }
    // Whatever comes behind so many is not decoded with what came before.
    if gap.length > UInt64(seeking[0].search.limit / 2), !seeking[0].isReplaying {
      resume(isLast: true, &workspace, &shared, into: &sink)
      guard decoder.isLost else { return pass(gap, packet, &workspace, &shared, into: &sink) }
    }
    seeking[0].search.append(gap, packet)
  }

  /// Decodes what is kept, if frames are found in it.
  ///
  /// - Parameter isLast: whether nothing more will come: looks although little has come since the last look.
  mutating func resume<S: RecordSink & ~Copyable>(
    isLast: Bool = false, _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    guard !seeking.isEmpty else { return }
    seeking[0].isReplaying = true
    var chunks: [HeldChunk] = []  // the next one stands last
    repeat {
      if decoder.isLost, let found = look(isLast: isLast && chunks.isEmpty, &shared, into: &sink) {
        chunks.append(contentsOf: found.reversed())
      }
      guard let chunk = chunks.popLast() else { break }
      switch chunk.content {
      case .bytes(let bytes, let offset):
        take(bytes.span.bytes, at: offset, chunk.packet, &workspace, &shared, into: &sink)
      case .gap(let gap): pass(gap, chunk.packet, &workspace, &shared, into: &sink)
      case .end: break
      }
    } while true
    seeking[0].isReplaying = false
    if !decoder.isLost {
      tally.undecodedBytes += seeking[0].search.passed
      seeking = []
    }
  }

  /// What is kept from the first sure frame on.
  private mutating func look<S: RecordSink & ~Copyable>(
    isLast: Bool, _ shared: inout SessionShared, into sink: inout S
  ) -> [HeldChunk]? {
    guard isLast || seeking[0].search.isDue else { return nil }
    let window = seeking[0].search.window()
    var search = FrameSearch(isMasked: sender == .client, compression: shared.compression(messages.compression))
    guard let chain = search.best(in: window), chain.confidenceInWebSocket >= .least else { return nil }
    let chunks = seeking[0].search.takeChunks(from: chain.start)
    guard let first = chunks.first, case .bytes(_, let offset) = first.content else { return nil }
    decoder = FrameDecoder()
    inference = PlaceConfidence(first: chain.confidenceInFirst, rest: chain.confidenceInWebSocket)
    let skipped = seeking[0].search.passed - seeking[0].told
    seeking[0].told += skipped
    shared.reporter.report(
      .stepFound, detail: "\(skipped) bytes before it are passed over", sender, first.packet, offset, into: &sink)
    return chunks
  }

  /// Whether a header is more likely to show that frames were found where there are none than to be the sender's fault.
  func isDoubtful(_ header: FrameHeader) -> Bool {
    guard let inference, !inference.isBeyondDoubt else { return false }
    return !header.faults(isFromClient: sender == .client, compression: messages.compression).isEmpty
  }

  /// Forgets a Close frame that was none: what follows shows that no frames were there.
  mutating func dismissClose(_ shared: inout SessionShared) {
    guard hasClosed else { return }
    hasClosed = false
    remarks.isCloseFaulty = false
    remarks.close = nil
    if shared.closedFirst?.sender == sender { shared.closedFirst = nil }
  }

  /// No frames will be found in what is kept: nothing more comes.
  mutating func giveUpSeeking<S: RecordSink & ~Copyable>(_ shared: inout SessionShared, into sink: inout S) {
    guard !seeking.isEmpty else { return }
    seeking[0].search.giveUp()
    let count = seeking[0].search.passed
    seeking = []
    tally.undecodedBytes += count
    guard count > 0, let packet = lastPacket else { return }
    shared.reporter.report(.undecoded, detail: "\(count) bytes", sender, packet, nil, into: &sink)
  }
}
