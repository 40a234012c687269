import CZlib

/// What a sender does (RFC 7692 §7.2.1).
final class Deflater {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init(windowBits: Int) {
    stream.initialize(to: z_stream())
    // zlib makes no raw deflate with a window of 256 bytes.
    let bits = -Int32(max(windowBits, 9))
    let size = Int32(MemoryLayout<z_stream>.size)
    require(deflateInit2_(stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK, "no deflate")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func reset() { deflateReset(stream) }

  /// - Parameter endsWithFinalBlock: as in RFC 7692 §7.2.3.4; the window is then empty for the next message.
  func deflate(_ content: [UInt8], level: Int32, endsWithFinalBlock: Bool) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: content.count * 2 + 1000)
    var content = content
    let count = content.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        stream.pointee.avail_in = 0
        deflateParams(stream, level, Z_DEFAULT_STRATEGY)
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(source.count)
        CZlib.deflate(stream, endsWithFinalBlock ? Z_FINISH : Z_SYNC_FLUSH)
        return target.count - Int(stream.pointee.avail_out)
      }
    }
    output.removeLast(output.count - count)
    if endsWithFinalBlock {
      deflateReset(stream)
      return output + [0]
    }
    if output.suffix(4) == [0, 0, 0xFF, 0xFF] { return output.dropLast(4) }
    require(output.isEmpty, "deflate did not flush")
    return [0]  // RFC 7692 §7.2.3.6: an empty message
  }
}
