import CZlib

/// Compresses the messages of one sender, with context takeover (RFC 7692 §7.2.1).
final class Deflater {
  // zlib's state points back at this, so that it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  /// The sender's number, from 0.
  let number: Int

  init(number: Int) {
    self.number = number
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A 32 KiB window, as both ends have unless they agree on less. A small hash table keeps hundreds of these small.
    deflateInit2_(
      stream, 1, Z_DEFLATED, -15, 5, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Replaces `message` by its compressed form, without the four bytes that end a sync flush.
  func compress(_ message: inout [UInt8]) {
    var output = [UInt8](repeating: 0, count: message.count + message.count / 8 + 64)
    message.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        _ = deflate(stream, Z_SYNC_FLUSH)
      }
    }
    message.removeAll(keepingCapacity: true)
    message.append(contentsOf: output[..<max(output.count - Int(stream.pointee.avail_out) - 4, 0)])
  }
}
