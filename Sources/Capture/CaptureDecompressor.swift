import Bytes
import CZlib
import CZstd

/// Unpacks a compressed file: shown its bytes, it fills a buffer with what they hold.
///
/// It holds a window and no more: 32 KiB for gzip, up to 128 MiB for zstd (files packed with `--long` above 27 are
/// refused, as the zstd program does unless told otherwise). Several gzip members or zstd frames are one file.
public final class CaptureDecompressor {
  /// What `decompress` came to.
  public enum Step: Equatable, Sendable {
    /// All of the input is taken.
    case needsInput
    /// The output is full, and there may be more.
    case outputFull
    /// Nothing more can be had; the fault says why, if this is not just the end. What was unpacked before it is good.
    case over(CaptureFault?)
  }

  private enum Engine {
    case gzip(UnsafeMutablePointer<z_stream>)
    case zstd(OpaquePointer)
    /// Memory could not be had.
    case none
  }

  private enum State: Equatable {
    /// Inside a gzip member or a zstd frame.
    case inside
    /// Behind one; another may follow.
    case between
    /// Inside the zeros that tapes and some programs leave behind gzip data.
    case padding
    case over(CaptureFault?)
  }

  /// The base-2 logarithm of the largest zstd window: 128 MiB, what every decoder should allow by its own manual.
  private static let windowLog: Int32 = 27
  /// ZSTD_error_frameParameter_windowTooLarge: zstd promises that its codes do not change.
  private static let windowTooLarge = 16
  /// Bytes by which zstd knows how long a frame's header is (RFC 8878 §3.1.1). No frame is as short.
  private static let frameStart = 5

  /// Bytes of the compressed file taken so far.
  public private(set) var offset: UInt64 = 0

  private let engine: Engine
  private var state = State.inside
  /// How many bytes zstd is shown at a time: a header, or a block. What it unpacks in a step that ends with a fault is lost,
  /// and shown a whole frame it unpacks that in one step.
  private var wanted = frameStart
  /// Whether zstd may hold output for which there was no room.
  private var holdsOutput = false

  /// A decompressor at the start of a file in `format`.
  public init(_ format: CompressionFormat) {
    switch format {
    case .gzip:
      // zlib keeps a pointer to it: it must not move.
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      // 15: the largest window; 16 more: with gzip's header and checksum.
      let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      if status == Z_OK {
        engine = .gzip(stream)
      } else {
        stream.deallocate()
        engine = .none
      }
    case .zstd:
      if let context = ZSTD_createDCtx() {
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
        engine = .zstd(context)
      } else {
        engine = .none
      }
    }
  }

  deinit {
    switch engine {
    case .gzip(let stream):
      inflateEnd(stream)
      stream.deallocate()
    case .zstd(let context):
      ZSTD_freeDCtx(context)
    case .none:
      break
    }
  }

  /// Unpacks `input` from `position` on into `output` behind its first `filled` bytes; moves both behind what was done.
  public func decompress(
    _ input: RawSpan, _ position: inout Int, into output: inout [UInt8], _ filled: inout Int
  ) -> Step {
    while true {
      if case .over(let fault) = state { return .over(fault) }
      // An engine may hold output back for lack of room: it is asked again even without input.
      if filled == output.count { return .outputFull }
      let (before, filledBefore) = (position, filled)
      switch engine {
      case .gzip(let stream): inflate(stream, input, &position, &output, &filled)
      case .zstd(let context): decompress(context, input, &position, &output, &filled)
      case .none: state = .over(CaptureFault(.damagedCompression, offset: offset))
      }
      if position == input.byteCount, filled < output.count, !isOver { return .needsInput }
      if position == before, filled == filledBefore, !isOver {
        // Neither taken nor given: the engines do not do that with input and room.
        state = .over(CaptureFault(.damagedCompression, offset: offset))
      }
    }
  }

  /// The file is over. A fault if it should not be.
  public func finish() -> CaptureFault? {
    guard state == .inside else { return nil }
    let fault = CaptureFault(.compressionCutOff, offset: offset)
    state = .over(fault)
    return fault
  }

  private var isOver: Bool {
    if case .over = state { true } else { false }
  }

  /// Looks at what comes behind a gzip member. False if it is padding, no other member, or nothing yet.
  private func beginMember(_ stream: UnsafeMutablePointer<z_stream>, _ input: RawSpan, _ position: inout Int) -> Bool {
    guard position < input.byteCount else { return false }
    switch (input.u8(position), state) {
    case (0, _):
      state = .padding
      take(1, &position)
      return false
    case (0x1f, .between):
      state = .inside
      inflateReset(stream)
      return true
    default:
      state = .over(CaptureFault(.trailingGarbage, offset: offset))
      return false
    }
  }

  /// One step of gzip.
  private func inflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: RawSpan, _ position: inout Int, _ output: inout [UInt8],
    _ filled: inout Int
  ) {
    guard state == .inside || beginMember(stream, input, &position) else { return }
    let start = (position, filled)
    let status = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress?.advanced(by: start.0).assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(clamping: source.count - start.0)
        stream.pointee.next_out = target.baseAddress?.advanced(by: start.1).assumingMemoryBound(to: UInt8.self)
        let room = UInt32(clamping: target.count - start.1)
        stream.pointee.avail_out = room
        let offered = stream.pointee.avail_in
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        return (
          code: status, taken: Int(offered - stream.pointee.avail_in), given: Int(room - stream.pointee.avail_out)
        )
      }
    }
    take(status.taken, &position)
    filled += status.given
    switch status.code {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .between
    default: state = .over(CaptureFault(.damagedCompression, offset: offset))
    }
  }

  /// One step of zstd, which passes from frame to frame by itself.
  private func decompress(
    _ context: OpaquePointer, _ input: RawSpan, _ position: inout Int, _ output: inout [UInt8], _ filled: inout Int
  ) {
    // What it holds comes first, alone: with a fault in the same step it would be lost.
    if holdsOutput, state == .inside {
      let before = filled
      step(context, input, limit: 0, &position, &output, &filled)
      if filled > before || isOver { return }
    }
    if state == .between, position == input.byteCount { return }
    step(context, input, limit: wanted, &position, &output, &filled)
  }

  /// Shows zstd the next bytes, `limit` at most.
  private func step(
    _ context: OpaquePointer, _ input: RawSpan, limit: Int, _ position: inout Int, _ output: inout [UInt8],
    _ filled: inout Int
  ) {
    let start = (position, filled)
    let result = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        let end = start.0 + min(limit, source.count - start.0)
        var from = ZSTD_inBuffer(src: source.baseAddress, size: end, pos: start.0)
        var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: start.1)
        let code = ZSTD_decompressStream(context, &into, &from)
        return (code: code, position: from.pos, filled: into.pos)
      }
    }
    take(result.position - position, &position)
    filled = result.filled
    holdsOutput = filled == output.count
    if ZSTD_isError(result.code) == 0 {
      state = result.code == 0 ? .between : .inside
      wanted = result.code == 0 ? Self.frameStart : Self.withoutNextHeader(result.code)
    } else if 0 &- result.code == Self.windowTooLarge {
      state = .over(CaptureFault(.compressionWindow, offset: offset))
    } else {
      let kind: CaptureFault.Kind = state == .between ? .trailingGarbage : .damagedCompression
      state = .over(CaptureFault(kind, offset: offset))
    }
  }

  /// zstd asks for a block together with the header of the next one (3 bytes), a fault in which would lose the block.
  private static func withoutNextHeader(_ count: Int) -> Int { count > 3 ? count - 3 : count }

  private func take(_ count: Int, _ position: inout Int) {
    position += count
    offset &+= UInt64(count)
  }
}
