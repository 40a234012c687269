import Bytes
import CZlib

/// Inflates the messages of one direction (RFC 7692 §7.2.2): one raw DEFLATE stream, or one for each message.
///
/// zlib's state and window, about 40 KB, live as long as the inflater.
final class Inflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  /// Whether the stream was found damaged; then nothing is inflated until `reset`.
  private(set) var isDamaged = false
  /// Whether the last byte taken ended a block with BFINAL=1. A sender that follows RFC 7692 §7.2.3.4 puts an empty block
  /// behind it, but not all do.
  private(set) var isAtStreamEnd = false

  /// - Parameter windowBits: 8 to 15; zlib's raw inflate takes a window of 256 bytes for one of 512.
  init(windowBits: Int) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let bits = -Int32(min(max(windowBits, 9), 15))
    let status = inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    isReady = status == Z_OK
    isDamaged = !isReady
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Begins a new stream with an empty window.
  func reset() {
    isDamaged = !isReady || inflateReset(stream) != Z_OK
    isAtStreamEnd = false
  }

  /// Inflates `input` and gives the output in pieces to `body`. False if the data is damaged; what came before was given.
  func inflate(_ input: RawSpan, through buffer: inout [UInt8], _ body: (RawSpan) -> Void) -> Bool {
    guard !isDamaged else { return false }
    if input.byteCount > 0 { isAtStreamEnd = false }
    input.withUnsafeBytes { source in
      // zlib never writes through next_in; its type merely lacks the const.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(clamping: source.count)
      run(&buffer, body)
      stream.pointee.next_in = nil
    }
    return !isDamaged
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
        isAtStreamEnd = stream.pointee.avail_in == 0
        continueAfterFinalBlock()
        if isDamaged || isAtStreamEnd { return }
      case Z_OK, Z_BUF_ERROR:
        break
      default:
        isDamaged = true
        return
      }
    } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
  }

  /// A block with BFINAL=1 ends a DEFLATE stream for zlib, but not for RFC 7692 (§7.2.3.4): the next block follows, and may
  /// refer to what came before.
  private func continueAfterFinalBlock() {
    var window = [UInt8](repeating: 0, count: 32768)
    var length: UInt32 = 0
    guard inflateGetDictionary(stream, &window, &length) == Z_OK, inflateReset(stream) == Z_OK,
      inflateSetDictionary(stream, window, length) == Z_OK
    else {
      isDamaged = true
      return
    }
  }
}
