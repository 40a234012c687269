import Bytes

/// The frames of one end, which may share messages and be spread over several.
final class STOMPStream {
  /// What comes next in a message.
  enum Event {
    /// A frame, whose bytes are those of `range` in the message, or those that are held where that is nil.
    case frame(STOMPFrame, range: Range<Int>?)
    /// A frame begins of which more has to come; its bytes so far are in this range of the message.
    case beginning(STOMPReader, range: Range<Int>)
    /// More of a frame came that is not over.
    case continuation
    /// No frame.
    case foreign(Range<Int>)
    /// Nothing; there may have been ends of lines, which are heart-beats.
    case end
  }

  /// The beginning of a frame; of one that is too large, command and headers.
  private(set) var held: HeldUnit
  private var reader = STOMPReader()
  /// Whether the body of the held frame is too large to be held.
  private(set) var isPassing = false
  /// Whether a part of the stream was not captured, so that a message may begin anywhere.
  var isLost = false
  /// Number of the message in which a frame began that never ended; 0 if there is none.
  var neverEnded: UInt64 = 0

  init(_ memory: ViewMemory) { held = HeldUnit(memory) }

  /// A part of the stream is missing: the frame that is held will not be ended.
  func lose() {
    removeHeld()
    isLost = true
    neverEnded = 0
  }

  /// The frame that is held, as far as it came.
  func brokenOff() -> STOMPFrame {
    var reader = reader
    let bytes = held.bytes
    if !isPassing { reader.breakOff(bytes.span.bytes) }
    return reader.frame
  }

  /// Whether the command of the frame that is held is known.
  var hasCommand: Bool { reader.hasCommand }

  /// Forgets the frame that is held.
  func removeHeld() {
    held.removeAll()
    isPassing = false
  }

  /// The next event in `content` from `position` on, of the message `number`.
  func next(_ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Event {
    neverEnded = 0
    if !held.isEmpty {
      if position > 0 || !isRestart(content) { return resume(content, &position, number) }
      neverEnded = held.message
      removeHeld()
    }
    skipLineEnds(content, &position)
    let rest = position..<content.byteCount
    guard !rest.isEmpty else { return .end }
    if isLost, !Self.beginsFrame(content.extracting(rest)) {
      position = content.byteCount
      return .foreign(rest)
    }
    var reader = STOMPReader()
    switch reader.read(content.extracting(rest)) {
    case .complete(let count):
      position += count
      isLost = false
      return .frame(reader.frame, range: rest.lowerBound..<position)
    case .unfinished where reader.frame.command != nil || !reader.hasCommand:
      position = content.byteCount
      isLost = false
      return .beginning(reader, range: rest)
    case .unfinished, .foreign:
      position = content.byteCount
      return .foreign(rest)
    }
  }

  /// Keeps the beginning of a frame for the messages to come.
  func hold(_ beginning: STOMPReader, _ content: RawSpan, _ range: Range<Int>, _ number: UInt64) {
    reader = beginning
    guard !held.append(content, range, from: number) else { return }
    guard reader.hasHead else { return isLost = true }
    let head = range.lowerBound..<range.lowerBound + reader.frame.headLength
    guard held.append(content, head, from: number) else { return isLost = true }
    isPassing = true
    reader.beginPassing(content.extracting(range))
  }

  /// Goes on with the frame that is held.
  private func resume(_ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Event {
    if isPassing { return pass(content, &position) }
    let before = held.bytes.count
    if ViewMemory.mostOfUnit - before < content.byteCount, reader.hasHead {
      reader.beginPassing(held.bytes.span.bytes)
      held.keepFirst(reader.frame.headLength)
      isPassing = true
      return pass(content, &position)
    }
    guard held.append(content, 0..<content.byteCount, from: number) else {
      isLost = true
      position = content.byteCount
      return .continuation
    }
    switch reader.read(held.bytes.span.bytes) {
    case .complete(let count):
      position = max(count - before, 0)
      return .frame(reader.frame, range: nil)
    case .unfinished:
      position = content.byteCount
      return .continuation
    case .foreign:
      removeHeld()
      return .foreign(0..<content.byteCount)
    }
  }

  private func pass(_ content: RawSpan, _ position: inout Int) -> Event {
    guard let end = reader.pass(content) else {
      position = content.byteCount
      return .continuation
    }
    position = end
    return .frame(reader.frame, range: nil)
  }

  /// Whether the message begins with a new frame though the one that is held is not over, because its NUL is missing, or its
  /// content-length is too large.
  private func isRestart(_ content: RawSpan) -> Bool {
    guard reader.hasHead, Self.beginsFrame(content) else { return false }
    guard reader.frame.contentLength != nil else { return true }
    return !isPassing && Self.endsWithNUL(held.bytes)
  }

  /// Whether `content` begins with a command and either a header or the empty line.
  private static func beginsFrame(_ content: RawSpan) -> Bool {
    var lineStart = 0
    var hasCommand = false
    for i in 0..<min(content.byteCount, 512) {
      let byte = content.u8(i)
      if hasCommand, byte == 0x3A { return i > lineStart }
      guard byte == 0x0A else { continue }
      let end = i > lineStart && content.u8(i - 1) == 0x0D ? i - 1 : i
      if hasCommand { return end == lineStart }
      guard STOMPCommand(content.extracting(lineStart..<end)) != nil else { return false }
      hasCommand = true
      lineStart = i + 1
    }
    return false
  }

  /// Whether `bytes` end with NUL, perhaps followed by ends of lines.
  private static func endsWithNUL(_ bytes: [UInt8]) -> Bool {
    bytes.last { $0 != 0x0A && $0 != 0x0D } == 0
  }

  private func skipLineEnds(_ content: RawSpan, _ position: inout Int) {
    while position < content.byteCount, content.u8(position) == 0x0A || content.u8(position) == 0x0D { position += 1 }
  }
}
