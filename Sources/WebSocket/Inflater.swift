import Bytes
import CZlib

/// Inflates the messages of one direction (RFC 7692 §7.2.2): one raw DEFLATE stream, or one for each message.
///
/// The window is always the largest, whatever was agreed upon: zlib notices a reference behind a smaller one only where its
/// output was cut in the wrong place, so that the result would depend on how the data came. State and window, about 40 KB,
/// live as long as the inflater.
final class Inflater {
  /// Bytes of memory that one takes, about: zlib's state and the window (zlib.h, "about 7 kilobytes", and 32).
  static let cost = 40 * 1024

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  /// Whether the stream was found damaged; then nothing is inflated until `reset`.
  private(set) var isDamaged: Bool
  /// Whether the data so far is a row of whole blocks, and the last byte has no bits left.
  private var isBetweenBlocks = true
  /// The last four bytes of the message so far, and how many it has, as far as that matters.
  private var lastBytes: UInt32 = 0
  private var isMessageEmpty = true
  /// How the message that was ended last breaks the rules for its end (§7.2.1), though it could be inflated.
  private(set) var endFault: DeflateFault?

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    isDamaged = !isReady
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Begins a new stream with an empty window.
  func reset() {
    isDamaged = !isReady || inflateReset(stream) != Z_OK
    isBetweenBlocks = true
    isMessageEmpty = true
  }

  /// Inflates `input` and gives the output in pieces to `body`. False if the data is damaged; what came before was given.
  func inflate(_ input: RawSpan, through buffer: inout [UInt8], _ body: (RawSpan) -> Void) -> Bool {
    let most = 1 << 30  // zlib counts in 32 bits
    for i in max(0, input.byteCount - 4)..<input.byteCount { lastBytes = lastBytes << 8 | UInt32(input.u8(i)) }
    if input.byteCount > 0 { isMessageEmpty = false }
    var start = 0
    while start < input.byteCount, !isDamaged {
      let end = start + min(input.byteCount - start, most)
      input.extracting(start..<end).withUnsafeBytes { source in
        // zlib never writes through next_in; its type merely lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: source.count)
        run(&buffer, body)
        stream.pointee.next_in = nil
      }
      start = end
    }
    return !isDamaged
  }

  /// Takes the four bytes that a sender leaves out at the end of a message (RFC 7692 §7.2.2). False if the data is damaged,
  /// or stops short of its end.
  func endMessage(through buffer: inout [UInt8]) -> Bool {
    // Nothing is to be completed where a sender ended a block with BFINAL=1 and put no empty block behind it (§7.2.3.4),
    // did not leave the four bytes out, or sent no data at all.
    endFault = nil
    defer {
      isMessageEmpty = true
      lastBytes = 0
    }
    guard !isDamaged, !isBetweenBlocks else {
      endFault = isDamaged ? nil : isMessageEmpty ? .nothing : lastBytes == 0x0000_FFFF ? .tailKept : .noEmptyBlock
      return !isDamaged
    }
    let tail: [UInt8] = [0, 0, 0xFF, 0xFF]
    var isSilent = true
    let isSound = inflate(tail.span.bytes, through: &buffer) { _ in isSilent = false }
    // They complete an empty block; if they pass for anything else, there is data missing before them.
    isDamaged = !isSound || !isSilent || !isBetweenBlocks
    return !isDamaged
  }

  /// The window: the last bytes of the output so far, 32,768 at most.
  func window() -> [UInt8] {
    var length: UInt32 = 0
    var bytes = [UInt8](repeating: 0, count: 1 << Int(MAX_WBITS))
    guard isReady, inflateGetDictionary(stream, &bytes, &length) == Z_OK else { return [] }
    return Array(bytes[..<Int(length)])
  }

  /// Begins a new stream whose window holds `bytes`, 32,768 at most.
  func reset(window bytes: [UInt8]) {
    reset()
    if inflateSetDictionary(stream, bytes, UInt32(clamping: bytes.count)) != Z_OK { isDamaged = true }
  }

  private func run(_ buffer: inout [UInt8], _ body: (RawSpan) -> Void) {
    let capacity = buffer.count
    repeat {
      let status = buffer.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(clamping: capacity)
        return CZlib.inflate(stream, Z_SYNC_FLUSH)
      }
      let count = capacity - Int(stream.pointee.avail_out)
      if count > 0 { body(buffer.span.bytes.extracting(0..<count)) }
      switch status {
      case Z_STREAM_END:
        isBetweenBlocks = true
        continueAfterFinalBlock(&buffer)
        if isDamaged || stream.pointee.avail_in == 0 { return }
      case Z_OK, Z_BUF_ERROR:
        // zlib.h, inflate(): 128 behind the end of a block, and the number of bits left.
        isBetweenBlocks = stream.pointee.data_type & (128 | 0x3F) == 128
      default:
        isDamaged = true
        return
      }
    } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
  }

  /// A block with BFINAL=1 ends a DEFLATE stream for zlib, but not for RFC 7692 (§7.2.3.4): the next block follows, and may
  /// refer to what came before. `buffer` serves to carry the window over.
  private func continueAfterFinalBlock(_ buffer: inout [UInt8]) {
    var length: UInt32 = 0
    guard buffer.count >= 1 << Int(MAX_WBITS), inflateGetDictionary(stream, &buffer, &length) == Z_OK,
      inflateReset(stream) == Z_OK, inflateSetDictionary(stream, buffer, length) == Z_OK
    else {
      isDamaged = true
      return
    }
  }
}
