import Bytes

/// Whether bytes look like a compressed message (RFC 7692 §7.2.1), told without the messages before it.
public enum DeflateShape: Equatable, Sendable {
  /// A whole one: blocks of DEFLATE that, with 00 00 FF FF put behind them, end on a byte's border.
  case message
  /// It may be the beginning of one.
  case prefix
  /// Neither: no DEFLATE (RFC 1951), or it does not end as a message does.
  case damaged

  /// What `payload`, unmasked, looks like.
  ///
  /// Of random bytes, most are found damaged within the first few; with few bytes, chance makes messages (a single 00 is
  /// the empty one). Takes time in proportion to the payload at most, and no memory but 4 KB of the stack.
  ///
  /// - Parameter isComplete: whether `payload` is all of the message; if not, the answer is `prefix` or `damaged`.
  public static func check(_ payload: RawSpan, isComplete: Bool) -> DeflateShape {
    var reader = DeflateReader()
    var position = 0
    while reader.next(payload, &position) != nil {}
    if reader.isDamaged { return .damaged }
    if !isComplete { return .prefix }
    return reader.endMessage() ? .message : .damaged
  }
}
