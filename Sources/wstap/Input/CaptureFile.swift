import Bytes
import Capture

/// One capture, read event by event: a file, a pipe or standard input, packed or not.
///
/// It is opened by the first `next` and closed at its end. Memory: one buffer, which grows for records that are longer
/// than it, up to `CaptureLimits.record`; for packed files the packed bytes and the window of the packer.
struct CaptureFile: ~Copyable {
  /// Bytes of buffer for a capture that is read alone: enough to make the cost of the system calls vanish (1 MiB).
  static let bufferSize = 1 << 20
  /// Bytes of buffer for a file that is no longer than that (64 KiB).
  private static let leastSize = 1 << 16

  /// Where it is in its life.
  private enum Phase {
    case unopened
    case plain(InputDescriptor)
    case packed(InputDescriptor, CaptureDecompressor)
    /// All has been read; a fault of the packed data may still have to be told.
    case ending(CaptureFault?)
    case over
  }

  /// What is read.
  let input: Settings.Input
  /// The bytes that the ranges of the latest event point into.
  private(set) var buffer: [UInt8] = []
  /// Bytes read so far, as they are in the file: packed, if it is packed.
  private(set) var bytesRead: UInt64 = 0
  /// The size of the file; nil while it is not open, and for pipes.
  private(set) var size: UInt64?
  /// How the file is packed; nil if it is not, or while it is not known.
  private(set) var compression: CompressionFormat?

  private var reader: CaptureReader
  private var position = 0
  private var filled = 0
  private var phase = Phase.unopened
  private var packed: [UInt8] = []
  private var packedRange = 0..<0
  /// Whether the decompressor has given all that it could make of the packed bytes so far.
  private var needsPackedBytes = false
  private let initialSize: Int
  /// Where its bytes are read together with other jobs; nil: alone.
  private let shared: SharedReading?
  private let isStopped: @Sendable () -> Bool

  /// The capture that `input` names, not opened yet. When `isStopped` turns true, a silent pipe is at its end.
  ///
  /// - Parameter givesAllBlocks: see `CaptureReader.givesAllBlocks`.
  init(
    _ input: Settings.Input, limits: CaptureLimits = .default, bufferSize: Int = Self.bufferSize,
    givesAllBlocks: Bool = false, shared: SharedReading? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    self.input = input
    self.shared = shared
    self.isStopped = isStopped
    initialSize = max(shared == nil ? bufferSize : SharedChunks.size, CompressionFormat.prefixLength)
    reader = CaptureReader(limits: limits)
    reader.givesAllBlocks = givesAllBlocks
  }

  /// A capture that has been read to its end: nothing more comes.
  static var over: CaptureFile {
    var file = CaptureFile(.standardInput)
    file.phase = .over
    return file
  }

  /// The capture's format; nil until its first bytes have been read.
  var format: CaptureFormat? { reader.format }
  /// The pcapng block of the latest event, as a range of `buffer`; nil in other formats.
  var block: CaptureBlock? { reader.block }
  /// How many packets have been read so far.
  var packets: UInt64 { reader.packets }
  /// How many blocks have been passed over because their type is unknown.
  var blocksSkipped: UInt64 { reader.blocksSkipped }

  /// The next event, whose ranges point into `buffer` until the next call; nil at the end.
  ///
  /// After an error there is nothing more.
  mutating func next() throws(InputError) -> CaptureEvent? {
    while true {
      do throws(CaptureFileError) {
        if let event = try Self.next(&reader, buffer, filled, &position) { return event }
      } catch {
        throw end(with: .notACapture(input, error))
      }
      guard try readMore() else { return try finish() }
    }
  }

  /// The fast path of `next`: the packet that comes next, if the buffer holds it. Nil otherwise: ask `next`.
  @inline(__always)
  mutating func nextPacket() -> CapturedPacket? {
    Self.nextPacket(&reader, buffer, filled, &position)
  }

  /// What the end of the input completes.
  private mutating func finish() throws(InputError) -> CaptureEvent? {
    guard case .ending(let fault) = phase else { return nil }
    if let fault {
      if reader.format == nil, fault.kind != .trailingGarbage, fault.kind != .compressionWindow {
        throw end(with: .notACapture(input, .compressedDataCutOff))
      }
      phase = .ending(nil)
      return .fault(fault)
    }
    do throws(CaptureFileError) {
      if let event = try Self.finish(&reader, buffer, filled, &position) { return event }
    } catch {
      throw end(with: .notACapture(input, error))
    }
    close()
    return nil
  }

  // A span of one field of `self` keeps all fields from being changed: so these take the fields one by one.

  @inline(__always)
  private static func next(
    _ reader: inout CaptureReader, _ buffer: [UInt8], _ filled: Int, _ position: inout Int
  ) throws(CaptureFileError) -> CaptureEvent? {
    try reader.next(buffer.span.bytes.extracting(0..<filled), &position)
  }

  @inline(__always)
  private static func nextPacket(
    _ reader: inout CaptureReader, _ buffer: [UInt8], _ filled: Int, _ position: inout Int
  ) -> CapturedPacket? {
    reader.nextPacket(buffer.span.bytes.extracting(0..<filled), &position)
  }

  private static func finish(
    _ reader: inout CaptureReader, _ buffer: [UInt8], _ filled: Int, _ position: inout Int
  ) throws(CaptureFileError) -> CaptureEvent? {
    try reader.finish(buffer.span.bytes.extracting(0..<filled), &position)
  }

  private static func unpack(
    _ decompressor: CaptureDecompressor, _ packed: [UInt8], _ end: Int, _ start: inout Int,
    _ buffer: inout [UInt8], _ filled: inout Int
  ) -> CaptureDecompressor.Step {
    decompressor.decompress(packed.span.bytes.extracting(0..<end), &start, into: &buffer, &filled)
  }

  /// Puts more bytes behind those that the reader has not taken; false when there are none.
  private mutating func readMore() throws(InputError) -> Bool {
    if case .unopened = phase {
      try open()
      if filled > 0 { return true }
    }
    if case .plain(let descriptor) = phase, let shared, takeShared(shared, descriptor) { return true }
    makeRoom()
    while true {
      switch phase {
      case .plain(let descriptor):
        if try (shared == nil ? read(descriptor) : readAlone(descriptor)) > 0 { return true }
        phase = .ending(nil)
      case .packed(let descriptor, let decompressor):
        if try unpack(descriptor, decompressor) { return true }
      case .unopened, .ending, .over:
        return false
      }
    }
  }

  /// Opens the input and reads until its first bytes tell whether it is packed.
  private mutating func open() throws(InputError) {
    let descriptor: InputDescriptor
    do throws(InputError) {
      descriptor = try InputDescriptor(input, isStopped: isStopped)
    } catch {
      if error.isInterruption, isStopped() {  // told to stop before anybody wrote to the named pipe
        phase = .over
        return
      }
      throw end(with: error)
    }
    size = descriptor.size
    // Clearing a buffer that a small file cannot fill would take longer than reading the file.
    let useful = size.map { max(Int(clamping: $0), Self.leastSize) } ?? initialSize
    buffer = [UInt8](repeating: 0, count: min(initialSize, useful))
    while filled < CompressionFormat.prefixLength {
      if try read(descriptor) == 0 { break }
    }
    compression = CompressionFormat(startingWith: buffer.span.bytes.extracting(0..<filled))
    guard let compression else {
      phase = .plain(descriptor)
      return
    }
    packed = [UInt8](repeating: 0, count: initialSize)
    swap(&packed, &buffer)
    packedRange = 0..<filled
    filled = 0
    phase = .packed(descriptor, CaptureDecompressor(compression))
  }

  /// Reads once into the buffer. 0 at the end of the input.
  private mutating func read(_ descriptor: InputDescriptor) throws(InputError) -> Int {
    do throws(InputError) {
      let count = try descriptor.read(into: &buffer, at: filled)
      filled += count
      bytesRead += UInt64(count)
      return count
    } catch {
      throw end(with: error)
    }
  }

  /// Looks at the chunk that all jobs look at; false if this one must read for itself.
  private mutating func takeShared(_ shared: SharedReading, _ descriptor: InputDescriptor) -> Bool {
    guard bytesRead % UInt64(SharedChunks.size) == 0 else { return false }
    let number = Int(clamping: bytesRead / UInt64(SharedChunks.size))
    let range = shared.chunks.take(number, for: shared.job, into: &buffer, keeping: position..<filled) {
      try? descriptor.read(SharedChunks.size, at: UInt64($0) * UInt64(SharedChunks.size), into: &$1, at: $2)
    }
    guard let range else { return false }
    bytesRead += UInt64(range.count - (filled - position))
    (position, filled) = (range.lowerBound, range.upperBound)
    return true
  }

  /// Reads once into the buffer, up to where a chunk begins that all jobs look at. 0 at the end of the input.
  private mutating func readAlone(_ descriptor: InputDescriptor) throws(InputError) -> Int {
    let rest = SharedChunks.size - Int(bytesRead % UInt64(SharedChunks.size))
    do throws(InputError) {
      let count = try descriptor.read(min(rest, buffer.count - filled), at: bytesRead, into: &buffer, at: filled)
      filled += count
      bytesRead += UInt64(count)
      return count
    } catch {
      throw end(with: error)
    }
  }

  /// Unpacks into the buffer what can be had with one reading; false when that is nothing.
  private mutating func unpack(
    _ descriptor: InputDescriptor, _ decompressor: CaptureDecompressor
  ) throws(InputError) -> Bool {
    if needsPackedBytes {
      do throws(InputError) {
        packedRange = 0..<(try descriptor.read(into: &packed, at: 0))
      } catch {
        throw end(with: error)
      }
      bytesRead += UInt64(packedRange.count)
      if packedRange.isEmpty {
        phase = .ending(decompressor.finish())
        return false
      }
    }
    let before = filled
    var start = packedRange.lowerBound
    let step = Self.unpack(decompressor, packed, packedRange.upperBound, &start, &buffer, &filled)
    packedRange = start..<packedRange.upperBound
    needsPackedBytes = step == .needsInput
    if case .over(let fault) = step { phase = .ending(fault) }
    return filled > before
  }

  /// Moves what the reader has not taken to the buffer's front, and lets the buffer grow if its record is longer.
  private mutating func makeRoom() {
    if position > 0 {
      let rest = position..<filled
      buffer.withUnsafeMutableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: bytes[..<rest.count]).copyMemory(from: .init(rebasing: bytes[rest]))
      }
      filled = rest.count
      position = 0
    }
    let lacking = filled + reader.missing - buffer.count
    if lacking > 0, !buffer.isEmpty {
      // Twice the size, so that a record that comes in small pieces is not copied with each of them.
      buffer.append(contentsOf: repeatElement(0, count: max(lacking, buffer.count)))
    }
  }

  private mutating func end(with error: InputError) -> InputError {
    close()
    return error
  }

  private mutating func close() {
    phase = .over
    shared?.chunks.leave(shared?.job ?? 0)
    buffer = []
    packed = []
    position = 0
    filled = 0
  }
}
