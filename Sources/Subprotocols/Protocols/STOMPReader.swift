import Bytes

/// Reads one frame of STOMP, also one whose bytes come bit by bit: what was looked at is not looked at again.
struct STOMPReader {
  /// What became of a frame so far.
  enum Outcome {
    /// It is complete, and has so many bytes.
    case complete(Int)
    /// More has to come.
    case unfinished
    /// It is none.
    case foreign
  }

  /// What is known of it.
  private(set) var frame = STOMPFrame()
  /// Whether its command and headers are complete.
  private(set) var hasHead = false
  /// Whether its command is complete.
  var hasCommand: Bool { lineStart > 0 }
  private var lineStart = 0
  private var searched = 0
  private var trustsLength = true

  /// Reads on in `bytes`, in which the frame begins at 0, and which hold at least what they held the last time.
  mutating func read(_ bytes: RawSpan) -> Outcome {
    if !hasHead {
      switch readHead(bytes) {
      case .unfinished where bytes.byteCount <= STOMPFrame.mostOfHead: return .unfinished
      case .unfinished, .foreign: return .foreign
      case .complete(let end):
        if !hasHead { return .complete(end) }
      }
    }
    if trustsLength, let length = frame.contentLength {
      guard UInt64(bytes.byteCount - frame.headLength) > length else { return .unfinished }
      let end = frame.headLength + Int(length)
      if bytes.u8(end) == 0 { return finish(end) }
      frame.add(.lengthDoesNotFit)
      trustsLength = false
      searched = frame.headLength
    }
    guard let end = Self.find(0, bytes, from: max(searched, frame.headLength)) else {
      searched = bytes.byteCount
      return .unfinished
    }
    return finish(end)
  }

  /// No more of the frame is known than `bytes`.
  mutating func breakOff(_ bytes: RawSpan) {
    guard hasHead else { return }
    frame.body = min(frame.headLength, bytes.byteCount)..<bytes.byteCount
    frame.bodyLength = UInt64(frame.body.count)
  }

  /// The body goes to the NUL at `end`.
  private mutating func finish(_ end: Int) -> Outcome {
    frame.body = frame.headLength..<end
    frame.bodyLength = UInt64(frame.body.count)
    return .complete(end + 1)
  }

  // MARK: Bodies that are not held

  /// The bytes of the body in `bytes`, of which the head is kept alone, are not held.
  mutating func beginPassing(_ bytes: RawSpan) { frame.bodyLength = UInt64(bytes.byteCount - frame.headLength) }

  /// Passes over more of a body that is not held; where the frame ends, if it does there.
  mutating func pass(_ bytes: RawSpan) -> Int? {
    var from = 0
    if trustsLength, let length = frame.contentLength {
      let left = length - min(frame.bodyLength, length)
      guard left < UInt64(bytes.byteCount) else {
        frame.bodyLength += UInt64(bytes.byteCount)
        return nil
      }
      from = Int(left)
      if bytes.u8(from) != 0 {
        frame.add(.lengthDoesNotFit)
        trustsLength = false
      }
    }
    let end = Self.find(0, bytes, from: from)
    frame.bodyLength += UInt64(end ?? bytes.byteCount)
    return end.map { $0 + 1 }
  }

  // MARK: Command and headers

  /// Reads lines up to the empty one. A NUL ends the frame before it.
  private mutating func readHead(_ bytes: RawSpan) -> Outcome {
    let most = min(bytes.byteCount, STOMPFrame.mostOfHead)
    while searched < most {
      let byte = bytes.u8(searched)
      guard byte == 0x0A || byte == 0 else {
        searched += 1
        if lineStart == 0, searched > STOMPFrame.mostOfCommand + 1 { return .foreign }
        continue
      }
      var end = searched
      if end > lineStart, bytes.u8(end - 1) == 0x0D { end -= 1 }
      let line = lineStart..<end
      searched += 1
      let isFirst = lineStart == 0
      lineStart = searched
      if isFirst {
        guard readCommand(bytes, line), byte == 0x0A || frame.command != nil else { return .foreign }
      } else if line.isEmpty, byte == 0x0A {
        frame.headLength = searched
        hasHead = true
        return .complete(searched)
      } else if !line.isEmpty {
        readHeader(bytes, line)
      }
      if byte == 0 {
        frame.add(.noBlankLine)
        frame.headLength = searched
        return .complete(searched)
      }
    }
    return lineStart > 0 || STOMPCommand.mayBegin(with: bytes) || Self.isCommandLine(bytes) ? .unfinished : .foreign
  }

  /// Whether `bytes` are a command without its line feed, though perhaps with the return before it.
  private static func isCommandLine(_ bytes: RawSpan) -> Bool {
    var count = bytes.byteCount
    if count > 0, bytes.u8(count - 1) == 0x0D { count -= 1 }
    return STOMPCommand(bytes.extracting(0..<count)) != nil
  }

  private mutating func readCommand(_ bytes: RawSpan, _ line: Range<Int>) -> Bool {
    guard !line.isEmpty, line.count <= STOMPFrame.mostOfCommand else { return false }
    for i in line where !(0x41...0x5A).contains(bytes.u8(i) & 0xDF) { return false }
    frame.commandName = line
    frame.command = STOMPCommand(bytes.extracting(line))
    return true
  }

  private mutating func readHeader(_ bytes: RawSpan, _ line: Range<Int>) {
    guard let colon = Self.find(0x3A, bytes.extracting(0..<line.upperBound), from: line.lowerBound) else {
      return frame.add(.headerWithoutColon)
    }
    if colon == line.lowerBound { frame.add(.headerWithoutName) }
    let header = STOMPFrame.Header(name: line.lowerBound..<colon, value: colon + 1..<line.upperBound)
    if frame.contentLength == nil, bytes.holds("content-length", header.name) {
      readLength(bytes, STOMPEscapes.trimmed(bytes, header.value))
    }
    if frame.headers.count < STOMPFrame.mostHeaders {
      frame.headers.append(header)
    } else {
      frame.headersLeftOut += 1
    }
  }

  private mutating func readLength(_ bytes: RawSpan, _ range: Range<Int>) {
    var number: UInt64 = 0
    for i in range {
      let digit = bytes.u8(i) &- 0x30
      guard digit <= 9 else { return frame.add(.lengthIsNoNumber) }
      // Larger ones are no lengths, and stay what they are here.
      if number < 1 << 59 { number = number * 10 + UInt64(digit) }
    }
    if range.isEmpty { return frame.add(.lengthIsNoNumber) }
    guard number < 1 << 59 else { return frame.add(.lengthIsTooLarge) }
    frame.contentLength = number
  }

  private static func find(_ byte: UInt8, _ bytes: RawSpan, from start: Int) -> Int? {
    var i = start
    while i < bytes.byteCount {
      if bytes.u8(i) == byte { return i }
      i &+= 1
    }
    return nil
  }
}
