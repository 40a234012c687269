import Bytes

/// Reads the compressed messages of a direction after some of its data was lost (RFC 7692 §7.2.3.2, context takeover).
///
/// Where a message's literals and references stand does not depend on what they refer to. So every later message can be
/// parsed: its length is exact, and all of its bytes are known but those that were copied from lost ones, be it by way of
/// other messages. What is referred to across a loss is not known, as it is not known how long the loss is; unless that is
/// found out (`HoleSearch`).
///
/// Takes some 700 KB at most. Time is in proportion to what comes out, and to what came in (`SearchCredit`).
final class ContextRecovery {
  /// A reference: `length` bytes at `index` of the window were copied from `distance` bytes before.
  struct Reference: Equatable {
    var index: Int
    var distance: Int
    var length: Int
    /// Whether a message ends with it: a longer one was out of the question.
    var endsMessage = false
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
    let recurrences = stretches.reduce(0) { $0 + ($1.recurrence?.heldBytes ?? 0) }
    return MemoryLayout<DeflateReader>.size + bytes * MemoryLayout<WindowByte>.stride + recurrences
      + (references.capacity + samples.capacity) * MemoryLayout<Reference>.stride
  }

  /// Whether the data of the current message is no DEFLATE.
  var isDamaged: Bool { reader.isDamaged }

  /// A window after a loss.
  ///
  /// - Parameter known: what came before the loss; empty: nothing is known.
  init(_ known: some Sequence<UInt8>) {
    let stretch = Stretch(known.map { .known($0) })
    if !stretch.bytes.isEmpty { stretches = [stretch] }
  }

  // MARK: Losses

  /// Bytes of unknown number are missing at the end of the window.
  func addHole() {
    guard !window.bytes.isEmpty else { return }
    let length = window.bytes.count - max(window.origin, 0)
    for i in stretches.indices { stretches[i].leastDistance += length }
    stretches.removeAll { $0.leastDistance >= Self.windowSize }
    if window.bytes.count > Self.windowSize { window.forget(window.bytes.count - Self.windowSize) }
    // Without the room that it had for more.
    if window.bytes.capacity > window.bytes.count + window.bytes.count / 4 { window.bytes = Array(window.bytes[...]) }
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

  private func copy(_ length: Int, _ distance: Int) {
    let index = window.bytes.count
    let start = index - distance
    let isAcross = start < window.origin || start < 0
    if let doubt = window.appendCopy(from: start, length) { lastDoubt = doubt }
    let reference = Reference(index: index, distance: distance, length: length)
    if isAcross {
      if !stretches.isEmpty, references.count < HoleSearch.mostReferences { references.append(reference) }
    } else if samples.count < HoleSearch.mostSamples {
      samples.append(reference)
    }
  }

  // MARK: What came of it

  /// Hands over the next bytes of the current message: puts them into `bytes`, which is emptied, unless they are unknown, and
  /// says how many there are. Nil when there are no more.
  func next(_ bytes: inout [UInt8]) -> (knowledge: Stretch.Knowledge, count: Int)? {
    let start = handedOver
    guard start < window.bytes.count else { return nil }
    let (knowledge, end) = window.run(from: start, into: &bytes)
    handedOver = end
    return (knowledge, end - start)
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

  /// Looks for the lengths of losses, if there is more to go by than the last time and `credit` for it, and fills in what
  /// follows from them. True if one was found.
  func infer(_ credit: inout SearchCredit) -> Bool {
    guard references.count >= nextSearch, let last = stretches.last else { return false }
    let texts = [window] + stretches.reversed()
    let latest = Array(references.suffix(HoleSearch.mostWeighed))
    guard credit.steps >= TextModel.steps(texts) + mostSteps(last, latest) else { return false }
    nextSearch = min(2 * nextSearch, max(references.count + 1, HoleSearch.mostReferences))
    var model: TextModel?
    var hasFound = false
    for number in stretches.indices.reversed() {
      let latest = Array(references.suffix(HoleSearch.mostWeighed))
      if let found = look(number, latest, &model, texts, &credit), join(number, at: found) { hasFound = true }
    }
    return hasFound
  }

  /// Takes the distance of a stretch from the window's origin for found, and fills in what follows from it. False if that
  /// contradicts what is known.
  func join(_ number: Int, at found: HoleSearch.Found) -> Bool {
    guard let filled = window.joined(stretches[number], at: found.distance) else { return false }
    stretches.remove(at: number)
    let shift = filled.bytes.count - window.bytes.count
    window = filled
    handedOver += shift
    messageStart += shift
    lastDoubt += shift
    references = Self.moved(references, by: shift)
    samples = Self.moved(samples, by: shift)
    confidence = min(confidence ?? found.confidence, found.confidence)
    return true
  }

  /// What was inferred proves wrong: nothing of it is known any more, nor of what was copied from it. What a length was
  /// found for is not looked for again.
  func withdraw() {
    window.withdraw()
    for number in stretches.indices { stretches[number].withdraw() }
    confidence = nil
  }

  /// Looks for the distance of a stretch, as far as `credit` allows.
  ///
  /// - Parameter model: made of `texts` when it is needed.
  private func look(
    _ number: Int, _ latest: [Reference], _ model: inout TextModel?, _ texts: [Stretch], _ credit: inout SearchCredit
  ) -> HoleSearch.Found? {
    guard credit.steps >= mostSteps(stretches[number], latest) else { return nil }
    let recurrence = recurrence(of: number, &credit)
    var search = HoleSearch(window, stretches[number])
    let isPromising = search.survey(recurrence, latest)
    credit.spend(search.steps)
    guard isPromising else { return nil }
    let modelSteps = model == nil ? TextModel.steps(texts) : 0
    guard credit.steps >= modelSteps + search.mostSteps(latest, samples) else { return nil }
    credit.spend(modelSteps)
    let known = model ?? TextModel(texts)
    model = known
    let steps = search.steps
    defer { credit.spend(search.steps - steps) }
    return search.compare(latest, samples, known)
  }

  private func recurrence(of number: Int, _ credit: inout SearchCredit) -> Recurrence {
    if let recurrence = stretches[number].recurrence { return recurrence }
    credit.spend(Recurrence.steps(stretches[number].bytes.count))
    let recurrence = Recurrence(stretches[number].bytes)
    stretches[number].recurrence = recurrence
    return recurrence
  }

  /// Steps that the first look at a stretch takes at most.
  private func mostSteps(_ stretch: Stretch, _ latest: [Reference]) -> Int {
    DistanceSurvey.mostSteps(stretch, latest.count)
      + (stretch.recurrence == nil ? Recurrence.steps(stretch.bytes.count) : 0)
  }
}
