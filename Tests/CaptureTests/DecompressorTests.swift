import Bytes
import CZlib
import CZstd
import Capture
import Testing
import TestSupport

@Suite("A compressed file")
struct DecompressorTests {
  static let formats = CompressionFormat.allCases

  /// Text that compresses well, but not to nothing.
  private static func sample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in "etaoin shrdlu".utf8.randomElement(using: &random) ?? 0 }
  }

  private static func pack(_ bytes: [UInt8], _ format: CompressionFormat) -> [UInt8] {
    switch format {
    case .zstd:
      var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
      let count = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 3)
      return Array(packed.prefix(count))
    case .gzip:
      var stream = z_stream()
      let size = Int32(MemoryLayout<z_stream>.size)
      deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
      defer { deflateEnd(&stream) }
      var packed = [UInt8](repeating: 0, count: bytes.count + 1000)
      var source = bytes
      return source.withUnsafeMutableBufferPointer { source in
        packed.withUnsafeMutableBufferPointer { target in
          stream.next_in = source.baseAddress
          stream.avail_in = UInt32(source.count)
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          deflate(&stream, Z_FINISH)
          return Array(target.prefix(target.count - Int(stream.avail_out)))
        }
      }
    }
  }

  /// What `packed` holds, shown in pieces of `input` bytes and taken in pieces of `output`.
  private func unpack(
    _ packed: [UInt8], _ format: CompressionFormat, input: Int = .max, output: Int = 1000
  ) -> (bytes: [UInt8], fault: CaptureFault?) {
    let decompressor = CaptureDecompressor(format)
    var buffer = [UInt8](repeating: 0, count: output)
    var result: [UInt8] = []
    var next = 0
    while next < packed.count {
      let piece = Array(packed[next..<next + min(input, packed.count - next)])
      next += piece.count
      var position = 0
      var step = CaptureDecompressor.Step.outputFull
      while step == .outputFull {
        var filled = 0
        step = decompressor.decompress(piece.span.bytes, &position, into: &buffer, &filled)
        result += buffer.prefix(filled)
        if case .over(let fault) = step { return (result, fault) }
      }
      #expect(step == .needsInput && position == piece.count)
    }
    return (result, decompressor.finish())
  }

  @Test("is told by its first four bytes")
  func recognised() {
    for format in Self.formats {
      let packed = Self.pack([1], format)
      #expect(CompressionFormat(startingWith: packed.span.bytes) == format)
      #expect(CompressionFormat(startingWith: Array(packed.prefix(3)).span.bytes) == nil)
    }
    let skippable: [UInt8] = [0x5c, 0x2a, 0x4d, 0x18]
    #expect(CompressionFormat(startingWith: skippable.span.bytes) == .zstd)
    #expect(CompressionFormat(startingWith: CaptureBuilder().pcap().span.bytes) == nil)
    #expect(CompressionFormat(startingWith: CaptureBuilder().pcapng().span.bytes) == nil)
  }

  @Test("unpacks the same in any pieces, into any room", arguments: formats)
  func pieces(format: CompressionFormat) {
    for count in [0, 1, 5000, 300_000] {
      let bytes = Self.sample(count)
      let packed = Self.pack(bytes, format)
      for (input, output) in [(Int.max, 1 << 20), (1, 1000), (7, 1), (1000, 100), (.max, 3)] {
        if count > 5000, input < 100 || output < 100 { continue }
        let result = unpack(packed, format, input: input, output: output)
        #expect(result.bytes == bytes)
        #expect(result.fault == nil)
      }
    }
  }

  @Test("may be several one after another", arguments: formats)
  func concatenated(format: CompressionFormat) {
    let parts = (UInt64(0)..<4).map { Self.sample(Int($0) * 1000, seed: $0) }
    let packed = parts.flatMap { Self.pack($0, format) }
    for input in [Int.max, 1, 100] {
      let result = unpack(packed, format, input: input)
      #expect(result.bytes == parts.flatMap { $0 })
      #expect(result.fault == nil)
    }
  }

  @Test("of zstd may have skippable frames anywhere")
  func skippableFrames() {
    let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]
    let bytes = Self.sample(2000)
    let packed = Self.pack(bytes, .zstd)
    let result = unpack(skippable + packed + skippable + packed + skippable, .zstd, input: 3)
    #expect(result.bytes == bytes + bytes)
    #expect(result.fault == nil)
  }

  @Test("of gzip may be followed by zeros")
  func padding() {
    let packed = Self.pack([1, 2, 3], .gzip)
    let result = unpack(packed + [UInt8](repeating: 0, count: 600), .gzip)
    #expect(result.bytes == [1, 2, 3])
    #expect(result.fault == nil)
  }

  @Test("may be followed by garbage, which is ignored but told", arguments: formats)
  func garbage(format: CompressionFormat) {
    let packed = Self.pack([1, 2, 3], format)
    for input in [Int.max, 1] {
      let result = unpack(packed + [7, 7, 7, 7, 7, 7], format, input: input)
      #expect(result.bytes == [1, 2, 3])
      // zstd tells with the fourth byte.
      #expect(result.fault?.kind == .trailingGarbage || input == 1 && result.fault?.kind == .damagedCompression)
      #expect(result.fault.map { $0.offset >= UInt64(packed.count) } == true)
    }
  }

  @Test("cut off anywhere gives what was before the cut, and a fault", arguments: formats)
  func cutOff(format: CompressionFormat) {
    let bytes = Self.sample(3000)
    let packed = Self.pack(bytes, format)
    for length in 4..<packed.count {
      let result = unpack(Array(packed.prefix(length)), format)
      #expect(result.bytes == Array(bytes.prefix(result.bytes.count)))
      #expect(result.fault == CaptureFault(.compressionCutOff, offset: UInt64(length)))
    }
  }

  @Test("changed at random gives an end and no trap", arguments: formats)
  func mutations(format: CompressionFormat) {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let bytes = Self.sample(3000)
    let packed = Self.pack(bytes, format)
    var damaged = 0
    for _ in 0..<1000 {
      var copy = packed
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        copy[.random(in: 4..<copy.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      let result = unpack(copy, format, input: .random(in: 1...5000, using: &random))
      if result.fault != nil { damaged += 1 }
      #expect(result.bytes.count <= 400_000, "seed \(seed)")
    }
    print("mutated \(format) data: seed \(seed), \(damaged) of 1000 found out")
    // gzip's checksum finds out all that matters; zstd frames have one only if asked for.
    #expect(damaged > (format == .gzip ? 900 : 100), "seed \(seed)")
  }

  @Test("of zstd that wants a window over 128 MiB is refused")
  func window() {
    // RFC 8878 §3.1.1.1: no flags, window of 2^(10+18) bytes, then one empty last block.
    let result = unpack([0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0, 0], .zstd)
    #expect(result.fault?.kind == .compressionWindow)
  }
}
