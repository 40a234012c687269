import Bytes
import WebSocket

/// Messages that a sender deflates with context takeover (RFC 7692 §7.2.3.2), of which the input says what is in them, and
/// which of them are lost, or in part. What is known of the others is right, whatever was lost; their lengths are exact;
/// where bytes are not known lies inside, in order. All is the same in pieces of any size, and limits cut it off only.
///
/// Inferred bytes may be wrong.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  let flags = steering.byte()
  let bits = 8 + Int(flags & 7)
  let compression = compression(takesOver: true, perFrame: flags & 8 != 0, windowBits: bits)
  var limits = MessageLimits()
  if flags & 0x10 != 0 { limits.stored = 100 }
  if flags & 0x20 != 0 { limits.inflated = 30 }
  if flags & 0x40 != 0 { limits.unknownRanges = 2 }
  let sender = Sender(compression, content: ContentSource(input))
  var late = flags & 0x80 == 0 ? 0 : Int(steering.byte() & 0x1F)
  let isContextKnown = late == 0
  var whole = Receiver(compression, FrameReader.noLimits, isContextKnown: isContextKnown)
  var split = Receiver(compression, FrameReader.noLimits, isContextKnown: isContextKnown)
  var limited = Receiver(compression, limits, isContextKnown: isContextKnown)
  var chance = Chance(input)
  var total = 0
  let most = bits == 15 ? 120_000 : 20_000  // enough for windows to be trimmed
  while !steering.isOver, total < most {
    for sent in sender.next(&steering) {
      total += sent.content.count
      if late > 0 {  // before the capture
        late -= 1
        continue
      }
      let loss = Loss(&steering, sent)
      whole.take(sent, loss) { [$0] }
      split.take(sent, loss) { chance.pieces(of: $0) }
      limited.take(sent, loss) { [$0] }
    }
  }
  require(whole.seen == split.seen, "whole: \(whole.seen)\nin pieces: \(split.seen)")
  limited.requireBeginnings(of: whole)
}

/// A message as it is sent.
private struct Sent {
  var content: [UInt8]
  var isText: Bool
  /// The payloads of its frames.
  var frames: [[UInt8]]
}

/// What is lost of a message.
private enum Loss {
  case nothing
  /// All frames, which is noticed.
  case all
  /// These bytes of a frame.
  case part(frame: Int, Range<Int>)
  /// All but the first frames.
  case end(from: Int)

  init(_ steering: inout Steering, _ sent: Sent) {
    let op = steering.byte()
    let frame = Int(op >> 4) % sent.frames.count
    switch op & 15 {
    case 1, 2: self = .all
    case 3, 4:
      let count = sent.frames[frame].count
      let start = Int(steering.byte()) * count / 256
      let range = start..<start + Int(steering.byte()) * (count - start) / 255
      self = range.isEmpty ? .nothing : .part(frame: frame, range)
    case 5: self = .end(from: frame)
    default: self = .nothing
    }
  }
}

/// Makes messages.
private final class Sender {
  private let compression: DirectionCompression
  private let deflater: Deflater
  private var content: ContentSource
  private var earlier: [[UInt8]] = []

  init(_ compression: DirectionCompression, content: ContentSource) {
    self.compression = compression
    self.content = content
    deflater = Deflater(windowBits: compression.windowBits)
  }

  func next(_ steering: inout Steering) -> [Sent] {
    let op = steering.byte()
    switch op & 7 {
    case 0: return [send(steering.take(Int(steering.byte())), op)]
    case 1:
      let unit = steering.take(Int(steering.byte() & 0x1F))
      return [send(Array((0..<Int(steering.byte())).map { _ in unit }.joined()), op)]
    case 2: return (0...Int(steering.byte() & 0x3F)).map { _ in send(content.json(), op) }
    case 3: return (0...Int(steering.byte() & 0x1F)).map { _ in send(content.sentence(), op) }
    case 4: return [send(content.noise(Int(steering.byte()) << 4), op)]
    case 5:  // the same again, with a difference
      guard !earlier.isEmpty else { return [] }
      var again = earlier[Int(steering.byte()) % earlier.count]
      if !again.isEmpty { again[Int(steering.byte()) % again.count] = steering.byte() }
      return [send(again, op)]
    case 6: return [send(earlier.suffix(Int(steering.byte() & 0xF)).flatMap { $0 }, op)]
    default: return [send(content.json() + content.sentence(), op)]
    }
  }

  private func send(_ content: [UInt8], _ op: UInt8) -> Sent {
    earlier.append(content)
    let isText = op & 0x40 != 0 && String(validating: content, as: UTF8.self) != nil
    if earlier.count > 32 { earlier.removeFirst() }
    let level = [6, 1, 9, 0][Int(op >> 3 & 3)]
    let isFinal = op & 0xE0 == 0xE0
    // `deflate-frame`: each frame has data of its own, which refers to those before.
    if compression.isPerFrame, op & 0x20 != 0, content.count > 1 {
      let halves = [Array(content[..<(content.count / 2)]), Array(content[(content.count / 2)...])]
      return Sent(
        content: content, isText: isText,
        frames: halves.map { deflater.message($0, level: level, endsWithFinalBlock: isFinal) })
    }
    let data = deflater.message(content, level: level, endsWithFinalBlock: isFinal)
    guard op & 0x20 != 0, !compression.isPerFrame else { return Sent(content: content, isText: isText, frames: [data]) }
    let third = data.count / 3
    return Sent(
      content: content, isText: isText,
      frames: [Array(data[..<third]), Array(data[third..<2 * third]), Array(data[(2 * third)...])])
  }
}

/// Reads messages, and holds them against what was sent.
private struct Receiver {
  struct Seen: Equatable {
    var message: Message
    var content: [UInt8]
    var unknown: [Range<UInt64>]
    var events: ContextEvents
  }

  private(set) var seen: [Seen] = []
  private var assembler: MessageAssembler
  private var buffer = InflateBuffer()
  private let limits: MessageLimits

  init(_ compression: DirectionCompression, _ limits: MessageLimits, isContextKnown: Bool) {
    assembler = MessageAssembler(compression: compression, limits: limits, isContextKnown: isContextKnown)
    self.limits = limits
  }

  mutating func take(_ sent: Sent, _ loss: Loss, _ pieces: (Int) -> [Int]) {
    if case .all = loss { return assembler.loseContext() }
    let isPerFrame = assembler.compression?.isPerFrame == true
    for (number, frame) in sent.frames.enumerated() {
      if case .end(let first) = loss, number >= first {
        if assembler.isInsideMessage { add(assembler.abandon(), nil, sent) }
        return assembler.loseContext()
      }
      let isLast = number == sent.frames.count - 1
      let first: UInt8 = (isLast ? 0x80 : 0) | (number == 0 ? sent.isText ? 0x41 : 0x42 : isPerFrame ? 0x40 : 0)
      let header = FrameHeader(
        firstByte: first, secondByte: 0, maskingKey: 0, payloadLength: UInt64(frame.count))
      require(assembler.violation(header) == nil, "a violation")
      assembler.begin(header)
      if case .part(number, let lost) = loss {
        give(frame[..<lost.lowerBound], pieces)
        assembler.missing(UInt64(lost.count))
        give(frame[lost.upperBound...], pieces)
      } else {
        give(frame[...], pieces)
      }
      guard let message = assembler.end(header, &buffer) else { continue }
      if case .part = loss { add(message, nil, sent) } else { add(message, UInt64(sent.content.count), sent) }
    }
  }

  private mutating func give(_ bytes: ArraySlice<UInt8>, _ pieces: (Int) -> [Int]) {
    var start = bytes.startIndex
    for piece in pieces(bytes.count) {
      assembler.payload(Array(bytes[start..<start + piece]).span.bytes, &buffer)
      start += piece
    }
  }

  /// - Parameter length: that of the message, if all of its frames were captured.
  private mutating func add(_ message: Message, _ length: UInt64?, _ sent: Sent) {
    let content = assembler.takeContent()
    let unknown = assembler.takeUnknown()
    seen.append(Seen(message: message, content: content, unknown: unknown, events: assembler.takeContextEvents()))
    if let length {
      require(message.isLengthKnown && message.length == length, "\(length) bytes come to \(message)")
      require(!message.isDamaged, "sound data is damaged: \(message)")
      require(message.isComplete || !unknown.isEmpty || message.storableLength < length, "what is lacking?")
    } else {
      require(!message.isComplete, "complete with a gap: \(message)")
    }
    message.requireAgrees(with: unknown, stored: content.count)
    require(message.length <= UInt64(sent.content.count), "\(message) of \(sent.content.count) bytes")
    require(message.isValidUTF8 != false, "a text is none: \(message)")
    compare(message, content, unknown, sent.content)
  }

  private func compare(_ message: Message, _ content: [UInt8], _ unknown: [Range<UInt64>], _ truth: [UInt8]) {
    var place: UInt64 = 0
    var known: [ArraySlice<UInt8>] = []
    for range in unknown {
      known.append(truth[Int(place)..<Int(range.lowerBound)])
      place = range.upperBound
    }
    known.append(truth[Int(place)..<max(Int(message.length), Int(place))])
    require(content.count <= limits.stored, "\(content.count) bytes are stored")
    require(UInt64(content.count) <= message.storableLength, "more is stored than there was")
    let wanted = known.joined()
    require(content.count <= wanted.count, "\(content.count) bytes, at most \(wanted.count) are known")
    if limits == FrameReader.noLimits {
      require(content.count == wanted.count, "\(content.count) of \(wanted.count) bytes")
    }
    guard message.inference == nil else { return }
    require(wanted.starts(with: content), "known bytes are wrong: \(content) instead of \(Array(wanted))")
  }

  /// This one stores what `unlimited` stores, cut off; all else is the same.
  func requireBeginnings(of unlimited: Receiver) {
    require(seen.count == unlimited.seen.count, "\(seen.count) messages, or \(unlimited.seen.count)")
    for (mine, full) in zip(seen, unlimited.seen) {
      require(mine.message == full.message, "limits change \(full.message) to \(mine.message)")
      require(mine.events == full.events, "limits change \(full.events) to \(mine.events)")
      require(full.content.starts(with: mine.content), "what is stored is no beginning")
      // What comes behind bytes that are not stored is not told.
      require(full.unknown.starts(with: mine.unknown.dropLast()), "\(mine.unknown) is no beginning of \(full.unknown)")
    }
  }
}
