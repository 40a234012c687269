import CZlib

/// Compresses as a sender of RFC 7692 does, with all its freedoms, so that tests can inflate it.
public final class Deflater {
  /// What blocks are made of.
  public enum Strategy: Int32, CaseIterable, Sendable {
    /// Whatever is shortest.
    case shortest
    /// Huffman codes without references.
    case huffmanOnly = 2
    /// References and the fixed Huffman codes.
    case fixed = 4
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let strategy: Strategy

  /// A compressor with an empty window.
  ///
  /// - Parameters:
  ///   - windowBits: base-2 logarithm of the window, 8 to 15. zlib compresses with no window of 8 bits: with 9 instead.
  ///   - level: 0 (stored blocks) to 9.
  ///   - strategy: what blocks are made of.
  public init(windowBits: Int = 15, level: Int = 6, strategy: Strategy = .shortest) {
    self.strategy = strategy
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, -Int32(max(windowBits, 9)), 8, strategy.rawValue, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib takes the parameters")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Empties the window: no context takeover.
  public func reset() { deflateReset(stream) }

  /// Compresses as `level` says, 0 (stored blocks) to 9, from the next message on.
  public func change(level: Int) {
    var nothing: UInt8 = 0
    withUnsafeMutablePointer(to: &nothing) { place in
      stream.pointee.next_out = place
      stream.pointee.avail_out = 1
      deflateParams(stream, Int32(level), strategy.rawValue)
      precondition(stream.pointee.avail_out == 1, "nothing waits between messages")
    }
  }

  /// A message as RFC 7692 §7.2.1 has it: flushed, and without the four bytes that the receiver puts back.
  public func message(_ bytes: [UInt8]) -> [UInt8] {
    let flushed = flushed(bytes)
    if flushed.isEmpty { return [0] }  // nothing came since the last flush: an empty message (§7.2.3.6)
    precondition(flushed.suffix(4) == [0, 0, 0xff, 0xff], "a flush ends with an empty block")
    return flushed.dropLast(4)
  }

  /// The compressed bytes up to and with the empty block that a flush ends with.
  public func flushed(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_SYNC_FLUSH) }

  /// The compressed bytes, ended by a block with BFINAL=1 (§7.2.3.4), without anything behind it. The window is emptied.
  public func finished(_ bytes: [UInt8]) -> [UInt8] {
    defer { reset() }
    return run(bytes, Z_FINISH)
  }

  /// What so far comes of `bytes`, which need not be all.
  public func part(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_NO_FLUSH) }

  private func run(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
    var input = bytes
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(bytes.count + 1024, 32 * 1024))
    input.withUnsafeMutableBufferPointer { input in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(input.count)
      repeat {
        let count = piece.withUnsafeMutableBufferPointer { piece in
          stream.pointee.next_out = piece.baseAddress
          stream.pointee.avail_out = UInt32(piece.count)
          deflate(stream, flush)
          return piece.count - Int(stream.pointee.avail_out)
        }
        output += piece[..<count]
      } while stream.pointee.avail_out == 0
      stream.pointee.next_in = nil
    }
    return output
  }
}
