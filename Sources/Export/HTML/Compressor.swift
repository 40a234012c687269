import Bytes
import CZlib

/// Compresses one stream after the other as zlib (RFC 1950), which browsers can undo.
final class Compressor {
  private let stream: UnsafeMutablePointer<z_stream>
  private var output: [UInt8] = []
  private var piece = [UInt8](repeating: 0, count: 32 * 1024)
  /// Bytes that the stream holds, before they are compressed.
  private(set) var count: UInt64 = 0

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // It fails only where memory does; then nothing is compressed, and the report lacks its data.
    deflateInit_(stream, Z_DEFAULT_COMPRESSION, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Adds `bytes` to the stream.
  func append(_ bytes: RawSpan) {
    count += UInt64(bytes.byteCount)
    var start = 0
    while start < bytes.byteCount {
      let end = start + min(bytes.byteCount - start, 1 << 30)  // zlib counts in 32 bits
      bytes.extracting(start..<end).withUnsafeBytes { run($0, Z_NO_FLUSH) }
      start = end
    }
  }

  /// Ends the stream, and gives all of it; the next one begins.
  func finish() -> [UInt8] {
    run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH)
    deflateReset(stream)
    count = 0
    defer { output = [] }
    return output
  }

  private func run(_ input: UnsafeRawBufferPointer, _ flush: Int32) {
    // zlib never writes through next_in; its type merely lacks the const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(clamping: input.count)
    repeat {
      let filled = piece.withUnsafeMutableBufferPointer { piece in
        stream.pointee.next_out = piece.baseAddress
        stream.pointee.avail_out = UInt32(clamping: piece.count)
        deflate(stream, flush)
        return piece.count - Int(stream.pointee.avail_out)
      }
      output += piece[..<filled]
    } while stream.pointee.avail_out == 0
    stream.pointee.next_in = nil
  }
}
