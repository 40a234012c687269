import Bytes
import Capture
import TLS

/// Where written packets go: a pcapng file, or one after the other. Only whole blocks are written, so that the file is valid
/// whenever the program is stopped. After the first error nothing more is.
final class PacketOutput {
  /// Bytes that gather before they are written (256 KiB).
  private static let chunk = 1 << 18

  /// Where the next block is to be appended; `endBlock` is told of each.
  var buffer = BlockBuffer(capacity: PacketOutput.chunk + (1 << 16))
  /// Why nothing more is written.
  private(set) var error: OutputError?
  /// Packets that were taken, to be written.
  private var taken: UInt64 = 0
  /// Packets that are in a file, whole.
  private var flushed: UInt64 = 0
  /// Connections whose secrets were written.
  private(set) var connectionsWithSecrets: UInt64 = 0
  /// The byte order of the section that was begun last.
  private var order = ByteOrder.little
  private let isStandardOutput: Bool

  private var file: OutputFile
  private var ring: FileRing?
  /// Where in `buffer` the block begins that is to end next.
  private var start = 0

  /// Output to `file`, which is the first one of `ring`, if there is one.
  init(_ file: OutputFile, ring: FileRing? = nil, isStandardOutput: Bool = false) {
    self.isStandardOutput = isStandardOutput
    self.file = file
    self.ring = ring
  }

  /// Whether it is a file of which nobody reads what is written meanwhile, or hardly anybody.
  var isRegularFile: Bool { file.status?.isRegular == true }

  /// Whether it writes into the file with this status.
  func isWriting(into other: FileStatus) -> Bool { file.status?.isSameFile(as: other) == true }

  /// Packets that were written, or will be.
  var packets: UInt64 { error == nil ? taken : flushed }

  /// What was written, for people.
  var files: String { ring?.description ?? (isStandardOutput ? file.name : quoted(file.name)) }

  /// A block is complete, which was appended to `buffer`.
  ///
  /// - Parameter time: the time of the packet in it; nil if it holds none.
  @inline(__always)
  func endBlock(at time: Timestamp?) {
    guard buffer.count > start else { return }
    if ring == nil {
      if time != nil { taken &+= 1 } else { noteSection() }
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
    if time != nil { taken &+= 1 } else { noteSection() }
    ring?.add(buffer, start..<buffer.count, at: time)
    start = buffer.count
    if start >= Self.chunk { flush() }
  }

  /// Writes the secrets of a connection, before all that comes: whoever reads the file needs them before its packets.
  func write(_ secrets: SessionSecrets) {
    flush()
    var text: [UInt8] = []
    secrets.append(to: &text)
    var block: [UInt8] = []
    block.reserveCapacity(text.count + 32)
    PcapngWriter(order: order).appendSecrets(text.span.bytes, type: .tlsKeyLog, to: &block)
    buffer.append(block.span.bytes)
    SessionSecrets.forget(&text)
    SessionSecrets.forget(&block)
    endBlock(at: nil)
    flush()
    buffer.wipeRoom()
    connectionsWithSecrets &+= 1
  }

  /// The block that ends next is no packet: it may begin a section.
  private func noteSection() {
    guard buffer.count - start >= 12 else { return }
    buffer.withBytes(start..<buffer.count) { block in
      guard block.loadUnaligned(as: UInt32.self) == 0x0a0d_0d0a else { return }
      order = block[8] == 0x1A ? .big : .little
    }
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
    let length = file.length
    do throws(OutputError) {
      try buffer.withBytes(0..<start) { bytes throws(OutputError) in
        try file.write(RawSpan(_unsafeBytes: bytes))
      }
      try file.flush()
      flushed = taken
    } catch {
      self.error = error
      if let length { takeBackRest(behind: length) }
    }
  }

  /// Where a write has failed in the middle of a block: ends the file, which was so long before, behind the last whole one.
  private func takeBackRest(behind length: UInt64) {
    guard let now = file.length, now >= length, let count = Int(exactly: now - length), count <= start else { return }
    let whole = buffer.withBytes(0..<count) { BlockWalk($0) }
    file.takeBack(to: length + UInt64(whole.length))
    flushed += whole.packets
  }

  /// Writes what has gathered, and closes the file. Throws the first error of all.
  func close() throws(OutputError) {
    flush()
    if let error { throw error }
    try file.close()
  }
}
