import Bytes
import CZlib
import JSON

/// Inflates what is compressed inside of payloads: gzip (RFC 1952) and zlib (RFC 1950), at once or as one stream over many messages.
final class PayloadInflater {
  /// Bytes of memory that one takes, about: zlib's state and the window.
  static let cost = 48 * 1024
  /// Bytes that are kept of what one message inflates to: 1 MiB. Of gzip and zlib in one message, no more is inflated.
  static let mostKept = 1 << 20
  /// Bytes that a message of a stream may inflate to: 16 MiB.
  static let mostInflated = 16 << 20

  /// How inflating stopped.
  enum End: Equatable {
    /// All is inflated, and more may come.
    case input
    /// The compressed data is over; so many bytes were left.
    case over(left: Int)
    /// There was more than may be inflated.
    case full
    /// The data is damaged.
    case damaged
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool

  /// An inflater of gzip, or of zlib.
  init(isGzip: Bool) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = inflateInit2_(stream, isGzip ? 31 : 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Makes it ready for what is compressed anew.
  func reset() { if isReady { inflateReset(stream) } }

  /// Inflates `input` and adds what comes out to `output`, as long as that has fewer than `mostKept` bytes; `most` bytes at most are
  /// inflated.
  func inflate(_ input: RawSpan, into output: inout [UInt8], most: Int = PayloadInflater.mostKept) -> End {
    guard isReady, input.byteCount <= 1 << 30 else { return .damaged }
    return input.withUnsafeBytes { source in
      // zlib never writes through next_in; its type merely lacks the const.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(clamping: source.count)
      defer {
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
      }
      return run(&output, most)
    }
  }

  private func run(_ output: inout [UInt8], _ most: Int) -> End {
    let room = 1 << 15
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { buffer in
      var inflated = 0
      while true {
        stream.pointee.next_out = buffer.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: min(room, most - inflated))
        let offered = Int(stream.pointee.avail_out)
        let status = CZlib.inflate(stream, Z_SYNC_FLUSH)
        let count = offered - Int(stream.pointee.avail_out)
        inflated += count
        output.append(contentsOf: buffer[..<min(count, max(Self.mostKept - output.count, 0))])
        switch status {
        case Z_STREAM_END: return .over(left: Int(stream.pointee.avail_in))
        case Z_OK where inflated >= most: return .full
        case Z_OK where stream.pointee.avail_out == 0: continue
        case Z_OK, Z_BUF_ERROR: return stream.pointee.avail_in == 0 ? .input : .damaged
        default: return .damaged
        }
      }
    }
  }

  /// Whether `content` begins as zlib does: deflate, with a check of the two bytes and no preset dictionary (RFC 1950 §2.2).
  static func isZlib(_ content: RawSpan) -> Bool {
    guard content.byteCount > 5 else { return false }
    let (method, flags) = (content.u8(0), content.u8(1))
    return method & 0x0F == 8 && method >> 4 <= 7 && flags & 0x20 == 0 && content.u16(0) % 31 == 0
  }
}

extension ViewWriter {
  /// Shows what was inflated: its length, and what it means, or the content itself where that tells nothing.
  mutating func inflated(_ message: ViewedMessage, _ output: [UInt8], isWhole: Bool, _ carried: CarriedMessages) {
    integer("length", output.count)
    if !isWhole { boolean("truncated", true) }
    let bytes = output.span.bytes
    var inner = message
    inner.isText = UTF8Validator.isValid(bytes)
    inner.isWhole = isWhole
    var outline = JSONOutline()
    if inner.isText { outline.read(bytes) }
    let isJSON = outline.isComplete
    if isJSON { json("content", JSONToken(.objectBegin, 0..<output.count), bytes) }
    let before = view.line.count
    if !carried.show(inner, bytes, into: &self), !isJSON { text("content", bytes) }
    if view.line.count == before { say(bytes) }
  }
}
