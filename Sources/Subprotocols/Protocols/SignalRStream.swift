import Bytes

/// Takes the messages of the hub protocol out of WebSocket messages, of one direction: in JSON each ends with 0x1E, in MessagePack a
/// length stands before it, in seven bits a byte.
final class SignalRStream {
  /// What ends a record.
  static let separator: UInt8 = 0x1E

  /// What comes next.
  enum Piece: Equatable {
    /// A message stands in this range of the WebSocket message.
    case unit(Range<Int>)
    /// A message that began earlier is complete, in `held`.
    case held
    /// A message that was too long to be held ends.
    case lost
    /// The rest is the beginning of a message, or the middle.
    case begins
    /// The same, and the rest will not come: what there is stands in `held`.
    case part
    /// Nothing.
    case none
    /// No message can begin like that.
    case malformed
  }

  /// Whether messages are in MessagePack.
  var isMessagePack = false
  /// Whether the handshake of this direction has come.
  var hasHandshake = false
  /// Number of the message in which the one begins that is not complete.
  private(set) var first: UInt64 = 0
  /// When that came, in nanoseconds since 1970.
  private(set) var start: Int64 = 0
  /// Whether bytes are missing, so that the next ones may be the end of a message.
  var isSeeking = false
  /// Where the message itself stands in what is held.
  private(set) var heldBody = 0..<0
  private var unit: HeldUnit
  private var isSkipping = false
  /// Bytes that are left of the message that is skipped (MessagePack).
  private var skip: UInt64 = 0

  init(_ memory: ViewMemory) { unit = HeldUnit(memory) }

  /// Whether a new message begins next.
  var isAtStart: Bool { unit.isEmpty && !isSkipping }
  /// What is held of a message.
  var held: [UInt8] { unit.bytes }

  /// Nothing is held any more.
  func forget() {
    unit.removeAll()
    isSkipping = false
  }

  /// Bytes are missing.
  func lose() {
    forget()
    isSeeking = true
  }

  /// What stands at `position` of `content`, which moves on.
  func next(_ content: RawSpan, _ position: inout Int, _ message: ViewedMessage) -> Piece {
    guard position < content.byteCount else { return .none }
    if isAtStart { (first, start) = (message.number, message.start) }
    let piece = isMessagePack ? nextValue(content, &position, message) : nextRecord(content, &position, message.number)
    guard piece == .begins, !message.isWhole else { return piece }
    if isSkipping { return .lost }
    heldBody = (isMessagePack ? Self.length(unit.bytes)?.1 ?? unit.bytes.count : 0)..<unit.bytes.count
    return .part
  }

  /// Where the first message begins in `content`, after what may be the end of one; nil if none does.
  func seek(_ content: RawSpan) -> Int? {
    if isMessagePack { return SignalRMessagePack.likelihood(content) > 0 ? 0 : nil }
    if !hasHandshake, content.begins(with: "{}\u{1E}") { return 0 }
    var end = 0
    while end < content.byteCount, content.u8(end) != Self.separator { end += 1 }
    var record = JSONOutline()
    record.read(content, 0..<end)
    if record.member("type", content)?.kind == .number || record.string("protocol", content) != nil { return 0 }
    return end < content.byteCount ? end + 1 : nil
  }

  // MARK: JSON

  private func nextRecord(_ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Piece {
    let start = position
    if isAtStart, content.u8(start) != 0x7B { return .malformed }
    var end = start
    while end < content.byteCount, content.u8(end) != Self.separator { end += 1 }
    let isComplete = end < content.byteCount
    position = isComplete ? end + 1 : end
    if isComplete, isAtStart { return .unit(start..<end) }
    if !isSkipping, !unit.append(content, start..<end, from: number) { isSkipping = true }
    guard isComplete else { return .begins }
    heldBody = 0..<unit.bytes.count
    if isSkipping {
      isSkipping = false
      return .lost
    }
    return .held
  }

  // MARK: MessagePack

  private func nextValue(_ content: RawSpan, _ position: inout Int, _ message: ViewedMessage) -> Piece {
    let number = message.number
    let left = content.byteCount - position
    if isSkipping { return nextSkipped(left, &position) }
    if unit.isEmpty, let (length, header) = Self.length(content, position) {
      guard length > 0 else { return .malformed }
      if length <= UInt64(left - header) {
        let start = position + header
        position = start + Int(length)
        return .unit(start..<position)
      }
    }
    // One byte after the other, until the length is known.
    while Self.length(unit.bytes) == nil, position < content.byteCount {
      guard unit.bytes.count < 5, unit.append(content, position..<position + 1, from: number) else { return .malformed }
      position += 1
    }
    guard let (length, header) = Self.length(unit.bytes) else { return unit.bytes.count < 5 ? .begins : .malformed }
    let missing = length - UInt64(unit.bytes.count - header)
    let count = Int(min(missing, UInt64(content.byteCount - position)))
    position += count
    guard length <= UInt64(ViewMemory.mostOfUnit - 5) || !message.isWhole,
      unit.append(content, position - count..<position, from: number)
    else {
      unit.removeAll()
      (isSkipping, skip) = (true, missing - UInt64(count))
      return skip == 0 ? nextSkipped(0, &position) : .begins
    }
    heldBody = header..<unit.bytes.count
    return missing == UInt64(count) ? .held : .begins
  }

  private func nextSkipped(_ left: Int, _ position: inout Int) -> Piece {
    let count = min(skip, UInt64(left))
    skip -= count
    position += Int(count)
    guard skip == 0 else { return .begins }
    isSkipping = false
    return .lost
  }

  private static func length(_ bytes: [UInt8]) -> (UInt64, Int)? { length(bytes.span.bytes, 0) }

  /// The length that stands at `position`, and its own number of bytes, five at most; nil if it is not complete.
  static func length(_ bytes: RawSpan, _ position: Int) -> (UInt64, Int)? {
    var value: UInt64 = 0
    for i in 0..<5 where position + i < bytes.byteCount {
      let byte = bytes.u8(position + i)
      value |= UInt64(byte & 0x7F) << UInt64(7 * i)
      if byte < 0x80 { return (value, i + 1) }
    }
    return nil
  }
}
