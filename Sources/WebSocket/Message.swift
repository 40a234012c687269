import Bytes

/// A message, put together from its frames (RFC 6455 §5.4).
public struct Message: Equatable, Sendable {
  /// `text` or `binary` (or a reserved data opcode).
  public var opcode: Opcode
  /// Whether it was compressed; with `deflate-frame`, whether one of its frames was.
  public var isCompressed: Bool
  /// Number of frames.
  public var frameCount: UInt64
  /// Sum of the frames' payload lengths, in bytes; `UInt64.max` where it is greater.
  public var wireLength: UInt64
  /// Length after inflating, in bytes; without `isLengthKnown`, of what is known to precede the loss or the break.
  public var length: UInt64
  /// Whether every byte of it is there: captured, and inflated where it was compressed. Where some were inferred, with
  /// `inference`, they are there as surely as that tells.
  public var isComplete: Bool
  /// For text: whether it is well-formed UTF-8; nil for other kinds, and where bytes are missing.
  public var isValidUTF8: Bool?
  /// Offset of the first byte, after inflating, that no well-formed text can have there.
  public var firstInvalidUTF8: UInt64?
  /// Whether its content is the payload that was given to `whole`; else it is the assembler's `content`.
  public var isPayloadItself: Bool
  /// Whether its compressed data is damaged, or stops short of its end.
  public var isDamaged: Bool
  /// What is wrong with its compressed data, the first thing.
  public var deflateFault: DeflateFault?
  /// Bytes of its content that were there to be stored; fewer than `length` where some were never captured.
  public var storableLength: UInt64 = 0
  /// Whether `length` is exact. It is not where the message's end was not seen, nor where compressed data is
  /// missing in the message itself, or damaged.
  public var isLengthKnown = true
  /// How sure it is that the stored bytes are right, where some were inferred: they were copied across a loss whose
  /// length was not seen, but follows from the later references. Nil where all of them are known.
  public var inference: Confidence?
}

/// What became of the window that compressed messages refer to (RFC 7692 §7.2.3.2, context takeover).
public struct ContextEvents: OptionSet, Sendable {
  /// The events as bits.
  public let rawValue: UInt8

  /// The events that `rawValue` has bits of.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Bytes of it are lost; later messages may lack what they refer to.
  @inlinable public static var lost: ContextEvents { ContextEvents(rawValue: 1) }
  /// How many bytes were lost was inferred.
  @inlinable public static var inferred: ContextEvents { ContextEvents(rawValue: 2) }
  /// All that a message can refer to is known again.
  @inlinable public static var restored: ContextEvents { ContextEvents(rawValue: 4) }
}

/// What can be wrong with the compressed data of a message (RFC 7692 §7.2.1, RFC 1951).
public enum DeflateFault: UInt8, Equatable, Sendable {
  /// It is no DEFLATE.
  case invalid
  /// It ends inside a block.
  case short
  /// It can be inflated, though it still has the four bytes at its end that the sender must leave out.
  case tailKept
  /// It can be inflated, though no empty block without compression ends it.
  case noEmptyBlock
  /// There is none, not even that of an empty message.
  case nothing
}

extension Message {
  /// The uncompressed message that one frame with this header makes, all of which is there; for text, with what is known
  /// of it.
  @inlinable
  public init(whole header: FrameHeader, isValidUTF8: Bool?) {
    opcode = header.opcode
    isCompressed = false
    frameCount = 1
    wireLength = header.payloadLength
    length = header.payloadLength
    isComplete = true
    self.isValidUTF8 = isValidUTF8
    firstInvalidUTF8 = nil
    isPayloadItself = true
    isDamaged = false
    deflateFault = nil
    storableLength = header.payloadLength
    isLengthKnown = true
    inference = nil
  }

  /// The uncompressed message that one frame with this header makes; `payload` is unmasked and whole.
  @usableFromInline
  init(whole header: FrameHeader, _ payload: RawSpan) {
    self.init(whole: header, isValidUTF8: nil)
    guard header.opcode == .text else { return }
    var validator = UTF8Validator()
    validator.append(payload)
    isValidUTF8 = validator.isValid
    firstInvalidUTF8 = validator.firstInvalid
  }
}

/// What breaks the rules about fragments (RFC 6455 §5.4).
public enum FragmentViolation: UInt8, Equatable, Sendable {
  /// A continuation frame, but no message to continue.
  case orphanContinuation
  /// A new data frame, but the message before is not complete.
  case interleavedMessage
  /// RSV1 on a continuation frame (RFC 7692 §6).
  case compressedContinuation
}
