/// Where a capture file breaks its format's rules, and how. None of them ends the reading by itself.
public struct CaptureFault: Error, Equatable, Sendable {
  /// What is wrong.
  public var kind: Kind
  /// Where in the file: the byte offset of the record or block, in the decompressed file if it is compressed. For
  /// faults of the compression itself, the offset in the compressed file.
  public var offset: UInt64

  /// The fault `kind` at `offset`.
  public init(_ kind: Kind, offset: UInt64) {
    self.kind = kind
    self.offset = offset
  }

  /// What is wrong.
  ///
  /// "Once" means that only the first in a file is reported, since nothing is lost by it.
  public enum Kind: Equatable, Sendable {
    /// The file ends inside a record. `missing` is how many bytes that record lacks, at least.
    case cutOff(missing: UInt64)
    /// A record's length cannot be true, so that the next record cannot be found: the rest of the file is unread.
    case impossibleLength(UInt32)
    /// Reported at the end: how many bytes were unread after an impossible length or an unknown section.
    case unread(bytes: UInt64)
    /// A block is longer than `CaptureLimits.record`, and skipped.
    case tooLong(length: UInt32)
    /// A block's length is not a multiple of 4; it was rounded up. Once.
    case unalignedLength(UInt32)
    /// The length after a block is not the one before it, which was used. Once.
    case trailingLength(UInt32)
    /// A block is shorter than its type needs, or than the packet it claims to hold; skipped.
    case malformedBlock(type: UInt32)
    /// An option reaches past the end of its block; it and what follows it were ignored. Once.
    case malformedOption(code: UInt16)
    /// Options are not closed by an end-of-options option. Once.
    case optionsWithoutEnd
    /// A block names an interface that its section does not describe; skipped.
    case unknownInterface(UInt32)
    /// A section describes more interfaces than `CaptureLimits.interfaces`; the rest are unknown. Once.
    case tooManyInterfaces
    /// A time is beyond what 64 bits of nanoseconds hold; it was clamped. Once.
    case timeOutOfRange
    /// A later section has no byte-order mark or an unknown version: the rest of the file is unread.
    case unknownSection
    /// Compressed data contradicts itself: nothing after it can be had.
    case damagedCompression
    /// Compressed data ends before its end mark.
    case compressionCutOff
    /// zstd data that asks for more than 128 MiB of window.
    case compressionWindow
    /// What follows the compressed data is not compressed data; ignored.
    case trailingGarbage
  }
}

extension CaptureFault: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    let place = "at byte \(offset)"
    switch kind {
    case .cutOff(let missing): return "the file ends inside the record \(place): at least \(missing) bytes are missing"
    case .impossibleLength(let length): return "the record \(place) claims a length of \(length), which cannot be"
    case .unread(let bytes): return "\(bytes) bytes \(place) and after were not read"
    case .tooLong(let length): return "the block \(place) claims \(length) bytes and was skipped"
    case .unalignedLength(let length): return "the block \(place) has a length of \(length), not a multiple of 4"
    case .trailingLength(let length): return "the block \(place) has a second length, \(length), unlike its first"
    case .malformedBlock(let type): return "the block \(place) of type \(type) is malformed and was skipped"
    case .malformedOption(let code): return "option \(code) of the block \(place) reaches past the block's end"
    case .optionsWithoutEnd: return "the options of the block \(place) have no end mark"
    case .unknownInterface(let index): return "the block \(place) names interface \(index), which is not described"
    case .tooManyInterfaces: return "the section describes too many interfaces; those from \(place) on are ignored"
    case .timeOutOfRange: return "the time of the block \(place) is out of range and was clamped"
    case .unknownSection: return "the section \(place) has an unknown byte order or version"
    case .damagedCompression: return "the compressed data is damaged \(place) of the file; what was before it is kept"
    case .compressionCutOff: return "the compressed data ends too early, \(place) of the file"
    case .compressionWindow:
      return "the zstd data \(place) of the file needs a window over 128 MiB: unpack it first with: zstd -d --long=31"
    case .trailingGarbage: return "what follows the compressed data \(place) of the file was ignored"
    }
  }
}
