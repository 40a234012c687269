import Bytes
import Capture

/// Several captures read as one: by time across files, in file order within a file, and of packets of the same time the
/// one of the file named first.
///
/// A file is open only from the time of its first packet to its end, so that hundreds of files that a capture was cut
/// into need no more descriptors and memory than one. To know those times, `init` looks into each file. What cannot be
/// opened twice (standard input, a pipe) is opened at the start and stays open. One capture is not looked into, and
/// costs a comparison a packet.
struct CaptureMerge: ~Copyable {
  /// Bytes of buffer for each of several captures (256 KiB), and for all of them together, if there are so many that each
  /// gets less (128 MiB), but no less than `leastBufferSize` (16 KiB).
  private static let sharedBufferSize = 1 << 18
  private static let allBuffersSize = 1 << 27
  private static let leastBufferSize = 1 << 14
  /// Bytes of buffer to look for a first packet (64 KiB).
  private static let peekSize = 1 << 16

  /// The file of the latest event; its `buffer` holds the bytes that the event's ranges point into.
  private(set) var current = CaptureFile.over
  /// The index of `current` among the inputs.
  private(set) var file = 0
  /// What is known of each input: complete once the first packet, or the end, has been given.
  private(set) var contents: [InputContents]
  /// The inputs that could not be read, or not to their ends. The others are read all the same.
  private(set) var errors: [InputError] = []

  /// The other captures; the one that comes first is the last here.
  private var waiting: [WaitingCapture] = []
  /// The latest time at which a packet of `current` comes before those of all the others.
  private var lastTime = Int64.max
  private var finishedBytes: UInt64 = 0

  /// The captures that `inputs` name. When `isStopped` turns true, a silent pipe is at its end.
  ///
  /// - Parameters:
  ///   - givesAllBlocks: see `CaptureReader.givesAllBlocks`.
  ///   - shared: how a single capture is read together with other jobs; nil: alone.
  ///   - isStopped: asked where a pipe is silent.
  init(
    _ inputs: [Settings.Input], givesAllBlocks: Bool = false, shared: SharedReading? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    contents = inputs.map { InputContents($0) }
    let share = max(min(Self.sharedBufferSize, Self.allBuffersSize / max(inputs.count, 1)), Self.leastBufferSize)
    let bufferSize = inputs.count > 1 ? share : CaptureFile.bufferSize
    for (index, input) in inputs.enumerated() {
      var time = Int64.min
      if inputs.count > 1, FileStatus(input)?.isRegular == true, input != .standardInput {
        do throws(InputError) {
          time = try Self.peek(input, &contents[index])
        } catch {
          errors.append(error)
          continue
        }
      }
      let file = CaptureFile(
        input, bufferSize: bufferSize, givesAllBlocks: givesAllBlocks, shared: inputs.count > 1 ? nil : shared,
        isStopped: isStopped)
      waiting.append(WaitingCapture(file, index, time: time))
    }
    SystemCalls.allowOpenFiles(waiting.count)
    waiting.sort { $1.isBefore($0) }
  }

  /// Bytes read so far of all files, as they are in the files. Looks at every open file: ask it once a buffer.
  var bytesRead: UInt64 { waiting.reduce(finishedBytes + current.bytesRead) { $0 + $1.file.bytesRead } }

  /// The fast path of `next`: the next packet, if it is in the buffer and no other file waits. Nil otherwise: ask `next`.
  @inline(__always)
  mutating func nextPacket() -> CapturedPacket? { lastTime == .max ? current.nextPacket() : nil }

  /// The next event, whose ranges point into `current.buffer` until the next call; nil at the end of all files.
  mutating func next() -> CaptureEvent? {
    while true {
      do throws(InputError) {
        if let event = try current.next() {
          guard case .packet(let packet) = event else {
            contents[file].note(event, current)
            return event
          }
          if packet.time.nanoseconds <= lastTime { return event }
          if let first = wait(with: event, packet.time) { return first }
          continue
        }
      } catch {
        errors.append(error)
      }
      guard let next = waiting.popLast() else { return nil }
      finishedBytes += current.bytesRead
      if let event = enter(next) { return event }
    }
  }

  /// The time of the first packet of a file, or the earliest time there is if it has no packet.
  private static func peek(_ input: Settings.Input, _ contents: inout InputContents) throws(InputError) -> Int64 {
    var file = CaptureFile(input, bufferSize: peekSize)
    while let event = try file.next() {
      if case .packet(let packet) = event { return packet.time.nanoseconds }
      contents.note(event, file)
    }
    return .min
  }

  /// Lets the current capture wait with a packet that is not its turn. Gives the event that the next one waits with.
  private mutating func wait(with event: CaptureEvent, _ time: Timestamp) -> CaptureEvent? {
    guard let next = waiting.popLast() else { return event }
    let index = file
    let first = enter(next)
    // The two have changed places.
    next.index = index
    next.time = time.nanoseconds
    next.event = event
    insert(next)
    return first
  }

  /// Makes `next` the current capture, and the current capture what `next` holds.
  private mutating func enter(_ next: WaitingCapture) -> CaptureEvent? {
    swap(&current, &next.file)
    file = next.index
    setLastTime()
    return next.event.take()
  }

  private mutating func insert(_ capture: WaitingCapture) {
    var (low, high) = (0, waiting.count)
    while low < high {
      let middle = (low + high) / 2
      if capture.isBefore(waiting[middle]) { low = middle + 1 } else { high = middle }
    }
    waiting.insert(capture, at: low)
    setLastTime()
  }

  private mutating func setLastTime() {
    guard let next = waiting.last else {
      lastTime = .max
      return
    }
    lastTime = file < next.index || next.time == .min ? next.time : next.time - 1
  }
}

/// What is known of an input before its first packet.
struct InputContents: Equatable {
  /// More link types than these are not listed; no real capture has as many.
  private static let linkTypeLimit = 64

  /// What was read.
  let input: Settings.Input
  /// Its format; nil if it could not be read.
  private(set) var format: CaptureFormat?
  /// How it is packed, if it is.
  private(set) var compression: CompressionFormat?
  /// The link types of its interfaces so far, in order of appearance.
  private(set) var linkTypes: [LinkType] = []

  fileprivate init(_ input: Settings.Input) { self.input = input }

  fileprivate mutating func note(_ event: CaptureEvent, _ file: borrowing CaptureFile) {
    format = file.format
    compression = file.compression
    guard case .interface(let interface) = event, linkTypes.count < Self.linkTypeLimit else { return }
    if !linkTypes.contains(interface.linkType) { linkTypes.append(interface.linkType) }
  }
}

/// A capture whose turn it is not.
private final class WaitingCapture {
  var file: CaptureFile
  /// Its index among the inputs.
  var index: Int
  /// The time of its next packet; the earliest there is when that is not known.
  var time: Int64
  /// Its next packet, if it has been read.
  var event: CaptureEvent?

  init(_ file: consuming CaptureFile, _ index: Int, time: Int64) {
    self.file = file
    self.index = index
    self.time = time
  }

  func isBefore(_ other: WaitingCapture) -> Bool {
    time < other.time || time == other.time && index < other.index
  }
}
