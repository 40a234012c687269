import Bytes

/// Reads the compressed messages of a direction after some of its data was lost (RFC 7692 §7.2.3.2, context takeover).
///
/// Where a message's literals and references stand does not depend on what they refer to. So every later message can be
/// parsed: its length is exact, and all of its bytes are known but those that were copied from lost ones, be it by way of
/// other messages. What is referred to across a loss is not known, as it is not known how long the loss is; unless that is
/// found out (`HoleSearch`).
///
/// Takes some 600 KB at most. Time is in proportion to what comes out; searches cost more, and are paid for by data.
final class ContextRecovery {
  /// A reference: `length` bytes at `index` of the window were copied from `distance` bytes before.
  struct Reference: Equatable {
    var index: Int
    var distance: Int
    var length: Int
    /// Whether a message ends with it: a longer one was out of the question.
    var endsMessage = false
  }

  /// What is known of bytes that stand next to each other.
  enum Knowledge: Equatable {
    case known
    case inferred
    case unknown
  }

  /// The largest distance, RFC 1951 §3.2.5.
  static let windowSize = 32_768
  /// As many bytes are held before older ones are forgotten.
  private static let capacity = windowSize + windowSize / 2
  /// As many stretches before losses are held, and as many bytes of them.
  private static let mostStretches = 8
  private static let mostStretchBytes = 2 * windowSize

  private var reader = DeflateReader()
  private(set) var window = Stretch()
  /// What precedes the losses, oldest first: where it stands is not known.
  private(set) var stretches: [Stretch] = []
  /// References across the last loss, as far as they are kept.
  private var references: [Reference] = []
  /// References to what came after it: how this sender's look.
  private var samples: [Reference] = []
  /// The number of references at which the length of a loss is looked for next.
  private var nextSearch = HoleSearch.fewestReferences
  /// How many searches the data that was seen pays for.
  private var searchCredit: Int
  private var bytesTowardsCredit = 0
  /// Index of the first byte of the current message that was not handed over.
  private var handedOver = 0
  /// Index of the current message's first byte, or below 0.
  private var messageStart = 0
  /// Index behind the last byte that is not known for sure.
  private var lastDoubt = 0
  /// How sure the inferred bytes are; nil if there are none.
  private(set) var confidence: Confidence?

  /// Bytes of memory that it takes, about.
  var heldBytes: Int {
    let bytes = window.bytes.capacity + stretches.reduce(0) { $0 + $1.bytes.capacity }
    return MemoryLayout<DeflateReader>.size + bytes * MemoryLayout<WindowByte>.stride
      + (references.capacity + samples.capacity) * MemoryLayout<Reference>.stride
  }

  /// Whether the data of the current message is no DEFLATE.
  var isDamaged: Bool { reader.isDamaged }

  /// A window after a loss.
  ///
  /// - Parameters:
  ///   - known: what came before the loss; empty: nothing is known.
  ///   - compressedBytes: how many bytes of compressed data it was made from.
  init(_ known: some Sequence<UInt8>, compressedBytes: UInt64) {
    let stretch = Stretch(known.map { .known($0) })
    if !stretch.bytes.isEmpty { stretches = [stretch] }
    searchCredit = 1 + Int(clamping: compressedBytes / HoleSearch.price)
  }

  // MARK: Losses

  /// Bytes of unknown number are missing at the end of the window.
  func addHole() {
    guard !window.bytes.isEmpty else { return }
    let length = window.bytes.count - max(window.origin, 0)
    for i in stretches.indices { stretches[i].leastDistance += length }
    stretches.removeAll { $0.leastDistance >= Self.windowSize }
    if window.bytes.count > Self.windowSize { window.forget(window.bytes.count - Self.windowSize) }
    stretches.append(window)
    while stretches.count > Self.mostStretches
      || stretches.reduce(0, { $0 + $1.bytes.count }) > Self.mostStretchBytes,
      let smallest = stretches.indices.min(by: { stretches[$0].bytes.count < stretches[$1].bytes.count })
    {
      stretches.remove(at: smallest)
    }
    window = Stretch()
    references = []
    samples.removeAll(keepingCapacity: true)
    nextSearch = HoleSearch.fewestReferences
    handedOver = 0
    messageStart = 0
    lastDoubt = 0
  }

  /// Forgets what came of the current message.
  func dropMessage() {
    window.bytes.removeSubrange(max(messageStart, 0)...)
    window.origin = min(window.origin, window.bytes.count)
    lastDoubt = min(lastDoubt, window.bytes.count)
    handedOver = window.bytes.count
    references = []
    samples = []
  }

  // MARK: Messages

  /// A message begins, or a frame that is compressed by itself.
  func begin() {
    reader.reset()
    messageStart = window.bytes.count
    handedOver = messageStart
  }

  /// Takes the bytes from `position` on. True if the window has to be handed over before the rest is taken.
  func take(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    let start = position
    defer { earn(position - start) }
    while window.bytes.count < Self.capacity {
      guard let event = reader.next(bytes, &position) else { return false }
      switch event {
      case .literal(let byte): window.bytes.append(.known(byte))
      case .stored(let range):
        for i in range { window.bytes.append(.known(bytes.u8(i))) }
      case .copy(let length, let distance): copy(length, distance)
      }
    }
    return true
  }

  /// The message is over. False if its data is damaged or stops short of its end.
  func end() -> Bool {
    guard reader.endMessage() else { return false }
    Self.markEnd(&references, window.bytes.count)
    Self.markEnd(&samples, window.bytes.count)
    return true
  }

  private static func markEnd(_ references: inout [Reference], _ end: Int) {
    guard let last = references.last, last.index + last.length == end else { return }
    references[references.count - 1].endsMessage = true
  }

  private func earn(_ count: Int) {
    bytesTowardsCredit += count
    searchCredit += bytesTowardsCredit / Int(HoleSearch.price)
    bytesTowardsCredit %= Int(HoleSearch.price)
  }

  private func copy(_ length: Int, _ distance: Int) {
    let index = window.bytes.count
    let start = index - distance
    let isAcross = start < window.origin || start < 0
    if isAcross {
      for source in start..<start + length { append(window.copy(from: source)) }
    } else {
      for source in start..<start + length { append(window.bytes[source]) }
    }
    let reference = Reference(index: index, distance: distance, length: length)
    if isAcross {
      if !stretches.isEmpty, references.count < HoleSearch.mostReferences { references.append(reference) }
    } else if samples.count < HoleSearch.mostSamples {
      samples.append(reference)
    }
  }

  @inline(__always)
  private func append(_ byte: WindowByte) {
    window.bytes.append(byte)
    if !byte.isKnown { lastDoubt = window.bytes.count }
  }

  // MARK: What came of it

  /// Hands over the next bytes of the current message: puts them into `bytes`, which is emptied, unless they are unknown, and
  /// says how many there are. Nil when there are no more.
  func next(_ bytes: inout [UInt8]) -> (knowledge: Knowledge, count: Int)? {
    let end = window.bytes.count
    guard handedOver < end else { return nil }
    bytes.removeAll(keepingCapacity: true)
    let start = handedOver
    let first = window.bytes[start]
    if first.isThere {
      while handedOver < end, window.bytes[handedOver].isThere, window.bytes[handedOver].isKnown == first.isKnown {
        bytes.append(window.bytes[handedOver].byte)
        handedOver += 1
      }
      return (first.isKnown ? .known : .inferred, handedOver - start)
    }
    while handedOver < end, !window.bytes[handedOver].isThere { handedOver += 1 }
    return (.unknown, handedOver - start)
  }

  /// Forgets what nothing can refer to any more; all must have been handed over. Always as much at a time, so that how the
  /// data is cut makes no difference.
  func trim() {
    while window.bytes.count >= Self.capacity { forget(Self.capacity - Self.windowSize) }
  }

  private func forget(_ surplus: Int) {
    window.forget(surplus)
    handedOver -= surplus
    messageStart -= surplus
    lastDoubt = max(lastDoubt - surplus, 0)
    references = Self.moved(references, by: -surplus)
    samples = Self.moved(samples, by: -surplus)
    if window.origin <= 0 {
      stretches = []
      references = []
    }
  }

  private static func moved(_ references: [Reference], by distance: Int) -> [Reference] {
    references.compactMap { reference in
      var reference = reference
      reference.index += distance
      return reference.index < 0 ? nil : reference
    }
  }

  /// The known bytes at the end of the window, if there are `count` of them at least.
  func knownEnd(of count: Int) -> [UInt8]? {
    guard window.bytes.count - max(lastDoubt, window.origin) >= count else { return nil }
    return window.bytes[max(lastDoubt, window.origin, window.bytes.count - Self.windowSize)...].map(\.byte)
  }

  // MARK: Inference

  /// Looks for the lengths of losses, if there is more to go by than the last time, and fills in what follows from them.
  /// True if one was found.
  func infer() -> Bool {
    guard references.count >= nextSearch, searchCredit >= stretches.count else { return false }
    nextSearch += max(nextSearch / 2, 8)
    let model = TextModel([window] + stretches)
    var hasFound = false
    for (number, stretch) in stretches.enumerated().reversed() {
      searchCredit -= 1
      let search = HoleSearch(window, stretch, references, samples, model)
      guard let found = search.result, let filled = window.joined(stretch, at: found.distance) else { continue }
      stretches.remove(at: number)
      let shift = filled.bytes.count - window.bytes.count
      window = filled
      handedOver += shift
      messageStart += shift
      lastDoubt += shift
      references = Self.moved(references, by: shift)
      samples = Self.moved(samples, by: shift)
      confidence = min(confidence ?? found.confidence, found.confidence)
      hasFound = true
    }
    return hasFound
  }
}
