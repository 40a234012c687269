import Bytes
import Transport
import WebSocket

/// Frames that were found on a connection without an opening handshake.
struct MidstreamFinding {
  /// The direction in which the client sends: the one whose frames are masked (RFC 6455 §5.1).
  var clientDirection: Direction
  var confidence: Confidence
  /// Whether it is more than chance brings; it may be another protocol of tags and lengths.
  var isNoChance: Bool
  /// What is known of the place of the client's first frame, and of the server's.
  var starts: (client: FirstFrame, server: FirstFrame)
}

/// Looks for frames in both directions of a connection of which the capture lacks the opening handshake.
///
/// Anything may go over such a connection, so that much more evidence is asked for than after a gap; frames in one direction
/// that are masked, and others in the other direction that are not, count together.
struct MidstreamSearch {
  /// Bytes of stream that are kept, a direction. 32 KiB: connections that began before the capture may be many.
  static let limit = 32 << 10
  /// The same where a header was found that promises a frame which goes beyond. 1 MiB: takes two of 500 KB.
  static let most = 1 << 20
  /// Captured bytes that are searched, a direction. 2 MiB: a capture may begin inside a large frame.
  static let patience: UInt64 = 2 << 20
  /// Bits that chance is taken to bring. In a gigabyte of all kinds of files, and in thousands of cuts of other protocols, it
  /// brought 22 at most.
  private static let prior = 27.0
  /// The same against other protocols of tags and lengths, whose chains need no chance: few of them have the vocabulary.
  private static let priorAgainstTags = 13.0
  /// The same where a request for an upgrade is in the capture.
  private static let priorAfterRequest = 17.0
  /// Bits that are asked for on top where the other direction says something, and no frames.
  private static let objection = 20.0

  private struct Side {
    var search = StreamSearch(limit: MidstreamSearch.limit)
    /// What was found when it was last looked at: if its sender is the client, or the server.
    var asClient: FrameChain?
    var asServer: FrameChain?
    /// What had been dropped of the stream by then.
    var dropped = 0
    var hasChanged = false
    var tls = TLSGuess()
    /// Whether it has said nothing.
    var isSilent: Bool { search.captured == 0 && search.passed == 0 }
  }

  private var sides: InlineArray<2, Side> = [Side(), Side()]
  /// The client's direction, where it is known.
  private let client: Direction?

  private let isAskedFor: Bool

  /// - Parameters:
  ///   - client: its direction, where a request told it.
  ///   - isAskedFor: whether that request asks for an upgrade.
  init(client: Direction?, isAskedFor: Bool) {
    self.client = client
    self.isAskedFor = isAskedFor
  }

  /// Whether it is no use to go on.
  private(set) var isOver = false
  /// Whether what was searched is TLS.
  private(set) var isTLS = false
  /// Whether it is TLS, or too short to tell, and divides into nothing but records.
  var looksLikeTLS: Bool {
    let records = [sides[0].tls.wholeRecords, sides[1].tls.wholeRecords]
    return isTLS || records.reduce(0, +) >= 2 && (0...1).allSatisfy { records[$0] > 0 || sides[$0].isSilent }
  }
  /// The direction in which the client would send, where there may be frames and it is not sure.
  private(set) var suspect: Direction?

  mutating func append(_ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    guard !isOver else { return }
    sides[i].tls.take(bytes)
    isTLS = sides[i].tls.isSure
    if isTLS || sides[i].search.passed > Self.patience { return giveUp() }
    sides[i].search.append(bytes, at: offset, packet)
    sides[i].hasChanged = true
  }

  mutating func append(_ direction: Direction, _ gap: StreamGap, _ packet: PacketReference) {
    guard !isOver else { return }
    sides[Int(direction.rawValue)].search.append(gap, packet)
    sides[Int(direction.rawValue)].hasChanged = true
  }

  /// Forgets everything, and looks no more.
  mutating func giveUp() {
    sides = [Side(), Side()]
    isOver = true
  }

  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int { MemoryLayout<Self>.stride + sides[0].search.heldBytes + sides[1].search.heldBytes }

  /// What is kept of both directions; where frames were found, from the first one on.
  mutating func takeChunks(client: Direction) -> [(Direction, [HeldChunk])] {
    [Direction.forward, .backward].map { direction in
      let i = Int(direction.rawValue)
      let start = self.start(sides[i], isClient: direction == client) ?? 0
      return (direction, sides[i].search.takeChunks(from: start))
    }
  }

  /// Captured bytes of `direction` in which no frame was found.
  func passed(_ direction: Direction) -> UInt64 { sides[Int(direction.rawValue)].search.passed }

  /// Bytes of `direction` that the capture lacks, before the first frame that was found.
  func missed(_ direction: Direction) -> UInt64 { sides[Int(direction.rawValue)].search.missed }

  /// Where the first frame stands in what is kept.
  private func start(_ side: Side, isClient: Bool) -> Int? {
    guard let chain = isClient ? side.asClient : side.asServer, Self.counts(chain) else { return nil }
    let start = chain.start - (side.search.dropped - side.dropped)
    return start >= 0 ? start : nil
  }

  /// Whether a chain is worth waiting for more of it.
  private static func promises(_ chain: FrameChain?) -> Bool { chain.map { $0.bits + $0.placeBits >= 12 } ?? false }

  /// Whether a chain is more than chance brings.
  private static func counts(_ chain: FrameChain) -> Bool { chain.bits + chain.placeBits >= 8 }

  // MARK: Looking

  /// What is found; nil if it is not enough.
  ///
  /// - Parameter isLast: whether nothing more will come: looks although little has come since the last look.
  mutating func look(isLast: Bool = false) -> MidstreamFinding? {
    var hasLooked = false
    for i in 0..<2 where sides[i].hasChanged && (isLast || sides[i].search.isDue) {
      let window = sides[i].search.window()
      let isClient = client.map { Int($0.rawValue) == i }
      if isClient != false { sides[i].asClient = Self.chain(in: window, isMasked: true) }
      if isClient != true { sides[i].asServer = Self.chain(in: window, isMasked: false) }
      if [sides[i].asClient, sides[i].asServer].contains(where: Self.promises) { sides[i].search.widen(to: Self.most) }
      sides[i].dropped = sides[i].search.dropped
      sides[i].hasChanged = false
      hasLooked = true
    }
    guard hasLooked else { return nil }
    let findings = [Direction.forward, .backward].compactMap { client == nil || client == $0 ? finding($0) : nil }
    guard let best = findings.max(by: { $0.confidence < $1.confidence }) else { return nil }
    suspect = findings.first { $0.isNoChance }?.clientDirection ?? suspect
    guard best.confidence >= .least else { return nil }
    let rival = findings.first { $0.clientDirection != best.clientDirection }
    return rival.map { best.confidence.bits - $0.confidence.bits < 7 } ?? false ? nil : best
  }

  private static func chain(in window: SearchWindow, isMasked: Bool) -> FrameChain? {
    var search = FrameSearch(isMasked: isMasked, compression: .unknown)
    return search.best(in: window)
  }

  /// What both directions say together if the client sends in `direction`.
  private func finding(_ direction: Direction) -> MidstreamFinding? {
    let client = sides[Int(direction.rawValue)]
    let server = sides[Int(direction.opposite.rawValue)]
    var bits = isAskedFor ? -Self.priorAfterRequest : -Self.prior
    var tagBits = -Self.priorAgainstTags
    var frames = 0
    for (side, chain) in [(client, client.asClient), (server, server.asServer)] {
      if let chain, Self.counts(chain) {
        bits += chain.bits + chain.placeBits
        tagBits += chain.tagBits
        frames += chain.frames
      } else if !isAskedFor, side.search.captured >= 64 || side.search.passed > 0 {
        bits -= Self.objection
        tagBits -= Self.objection
      }
    }
    guard frames >= 2 || isAskedFor && frames > 0 else { return nil }
    let confidence = Confidence(bits: isAskedFor ? bits : min(bits, tagBits))
    func first(_ side: Side, isClient: Bool) -> FirstFrame {
      guard start(side, isClient: isClient) != nil, let chain = isClient ? side.asClient : side.asServer else {
        return .unknown
      }
      return .found(PlaceConfidence(first: chain.confidenceInFirst, rest: confidence))
    }
    return MidstreamFinding(
      clientDirection: direction, confidence: confidence, isNoChance: Confidence(bits: bits) >= .least,
      starts: (first(client, isClient: true), first(server, isClient: false)))
  }
}
