import Bytes
import Capture

/// Where written packets go: a pcapng file, or one after the other. Only whole blocks are written, so that the file is valid
/// whenever the program is stopped. After the first error nothing more is.
final class PacketOutput {
  /// Bytes that gather before they are written (256 KiB).
  private static let chunk = 1 << 18

  /// Where the next block is to be appended; `endBlock` is told of each.
  var buffer = BlockBuffer(capacity: PacketOutput.chunk + (1 << 16))
  /// Why nothing more is written.
  private(set) var error: OutputError?
  /// Packets that were taken to be written.
  private(set) var packets: UInt64 = 0

  private var file: OutputFile
  private var ring: FileRing?
  /// Where in `buffer` the block begins that is to end next.
  private var start = 0

  /// Output to `file`, which is the first one of `ring`, if there is one.
  init(_ file: OutputFile, ring: FileRing? = nil) {
    self.file = file
    self.ring = ring
  }

  /// Whether it is a file of which nobody reads what is written meanwhile, or hardly anybody.
  var isRegularFile: Bool { file.status?.isRegular == true }

  /// What was written, for people.
  var files: String { ring?.description ?? file.name }

  /// A block is complete, which was appended to `buffer`.
  ///
  /// - Parameter time: the time of the packet in it; nil if it holds none.
  @inline(__always)
  func endBlock(at time: Timestamp?) {
    guard buffer.count > start else { return }
    if time != nil { packets &+= 1 }
    if ring == nil {
      start = buffer.count
      if start >= Self.chunk { flush() }
    } else {
      endRingBlock(at: time)
    }
  }

  @inline(never)
  private func endRingBlock(at time: Timestamp?) {
    let block = start..<buffer.count
    if let time, ring?.isOver(before: block.count, at: time) == true { rotate(block) }
    ring?.add(buffer, start..<buffer.count, at: time)
    start = buffer.count
    if start >= Self.chunk { flush() }
  }

  /// Ends the file before `block`, and puts that into the next one.
  private func rotate(_ block: Range<Int>) {
    var rest = BlockBuffer(capacity: block.count + 16)
    rest.append(buffer, block)
    buffer.truncate(to: block.lowerBound)
    start = block.lowerBound
    flush()
    guard error == nil else { return }
    do throws(OutputError) {
      let last = file.status
      try file.close()
      if let next = try ring?.next(after: last) { file = next }
    } catch {
      self.error = error
    }
    ring?.begin(&buffer)
    start = buffer.count
    buffer.append(rest, 0..<block.count)
  }

  /// Writes what has gathered.
  func flush() {
    defer {
      buffer.removeFirst(start)
      start = 0
    }
    guard error == nil else { return }
    do throws(OutputError) {
      try buffer.withBytes(0..<start) { bytes throws(OutputError) in
        try file.write(RawSpan(_unsafeBytes: bytes))
      }
      try file.flush()
    } catch {
      self.error = error
    }
  }

  /// Writes what has gathered, and closes the file. Throws the first error of all.
  func close() throws(OutputError) {
    flush()
    if let error { throw error }
    try file.close()
  }
}
