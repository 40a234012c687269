import Bytes

/// Makes a pcapng file of what other captures hold, or an interface gives: block for block, so that nothing is lost that it
/// does not know.
///
/// Sections of one capture stay sections, with their byte order. Several captures become one section, in the byte order of
/// the first, with the interfaces of all; comments on the sections of the others go to their first interfaces.
public struct PcapngCopier: Sendable {
  /// What is known of a capture that is copied.
  private struct Source: Sendable {
    /// The byte order of its section.
    var order = ByteOrder.little
    /// For each of its interfaces, the index that it has in the copy, and how its times are counted.
    var interfaces: [Interface] = []
    /// Whether all of its interfaces have the same indices in the copy.
    var isSame = true
    /// Comments on its section, as options, for which there is no section.
    var comments: [UInt8] = []
  }

  private struct Interface: Sendable {
    var index: UInt32
    var resolution: TimestampResolution
    var offset: Int64
    /// Nanoseconds in a unit of time, where that is all there is to know; else 0.
    var factor: UInt64
  }

  /// Bytes of a packet's block besides the packet, its padding and its options.
  private static let packetOverhead = 32
  /// Bytes of comments on a section that are kept for an interface (64 KiB).
  private static let mostComments = 1 << 16

  private let isMerging: Bool
  private let application: String
  private var order = ByteOrder.little
  private var hasSection = false
  private var count: UInt32 = 0
  private var sources: [Source]

  /// A copier of so many captures.
  ///
  /// - Parameter application: the name of the program, for sections that it makes itself.
  public init(captures: Int, application: String) {
    isMerging = captures > 1
    self.application = application
    sources = Array(repeating: Source(), count: max(captures, 1))
  }

  // MARK: What is not packets

  /// Copies what `event` says, unless it is a packet or a fault; false if there is nothing to copy.
  ///
  /// - Parameters:
  ///   - block: the event's block; nil where it comes from no pcapng file.
  ///   - file: the index of the capture.
  public mutating func append(
    _ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, to buffer: inout BlockBuffer
  ) -> Bool {
    guard sources.indices.contains(file) else { return false }
    switch event {
    case .packet, .fault: return false
    case .interface(let interface): append(interface, block, bytes, file, &buffer)
    case .statistics(let statistics):
      guard let block else { return append(statistics, file, &buffer) }
      return append(block, bytes, file, &buffer)
    case .secrets:
      guard let block else { return false }
      return append(block, bytes, file, &buffer)
    case .other(let block):
      guard block.type == PcapngBlockType.sectionHeader.rawValue else { return append(block, bytes, file, &buffer) }
      return begin(block, bytes, file, &buffer)
    }
    return true
  }

  /// A section begins.
  private mutating func begin(_ block: CaptureBlock, _ bytes: RawSpan, _ file: Int, _ buffer: inout BlockBuffer) -> Bool
  {
    sources[file] = Source(order: block.order)
    guard !isMerging || !hasSection else {
      keepComments(of: block, bytes, file)
      return false
    }
    (order, count, hasSection) = (block.order, 0, false)
    // One that is too short for its type counts, for the sake of what is behind it.
    guard block.bytes.count >= 28 else {
      beginSection(&buffer)
      return true
    }
    hasSection = true
    let start = buffer.count
    copy(block, bytes, &buffer)
    // Its length is not known: what it holds may be less, or more.
    buffer.store(-1 as Int64, at: start + 16, order)
    return true
  }

  private mutating func keepComments(of block: CaptureBlock, _ bytes: RawSpan, _ file: Int) {
    let start = min(block.bytes.lowerBound + 24, block.bytes.upperBound - 4)
    var options = PcapngOptions(start..<block.bytes.upperBound - 4, block.order)
    while let (code, value) = options.next(bytes) {
      guard code == 1, sources[file].comments.count + value.count < Self.mostComments else { continue }
      sources[file].comments.append(1 as UInt16, order)
      sources[file].comments.append(UInt16(truncatingIfNeeded: value.count), order)
      sources[file].comments.append(bytes.extracting(value))
      while sources[file].comments.count % 4 != 0 { sources[file].comments.append(0) }
    }
  }

  /// Puts what is kept in `comments` in front of the options of the interface's block at `start`.
  private mutating func addComments(_ file: Int, _ start: Int, _ buffer: inout BlockBuffer) {
    let comments = sources[file].comments
    sources[file].comments = []
    let hasOptions = buffer.count - start > 20
    buffer.insert(hasOptions ? comments : comments + [0, 0, 0, 0], at: start + 16)
    let length = UInt32(truncatingIfNeeded: buffer.count - start)
    buffer.store(length, at: start + 4, order)
    buffer.store(length, at: buffer.count - 4, order)
  }

  private mutating func beginSection(_ buffer: inout BlockBuffer) {
    guard !hasSection else { return }
    hasSection = true
    let name = Array(application.utf8.prefix(200))
    let padded = (name.count + 3) & ~3
    let length = 28 + 4 + padded + 4
    let start = buffer.extend(by: length)
    for offset in stride(from: 0, to: length, by: 4) { buffer.store(0 as UInt32, at: start + offset, order) }
    buffer.store(PcapngBlockType.sectionHeader.rawValue, at: start, order)
    buffer.store(UInt32(length), at: start + 4, order)
    buffer.store(0x1a2b_3c4d as UInt32, at: start + 8, order)
    buffer.store(PcapngSection.majorVersion, at: start + 12, order)
    buffer.store(-1 as Int64, at: start + 16, order)
    buffer.store(4 as UInt16, at: start + 24, order)  // shb_userappl
    buffer.store(UInt16(name.count), at: start + 26, order)
    name.withUnsafeBytes { buffer.copy($0, to: start + 28) }
    buffer.store(UInt32(length), at: start + length - 4, order)
  }

  private mutating func append(
    _ interface: CaptureInterface, _ block: CaptureBlock?, _ bytes: RawSpan, _ file: Int, _ buffer: inout BlockBuffer
  ) {
    beginSection(&buffer)
    let start = buffer.count
    // One that is too short for its type counts, for the sake of those behind it.
    if let block, block.bytes.count >= 20 {
      if block.order == order {
        copy(block, bytes, &buffer)
      } else {
        _ = swap(block, bytes, &buffer)
      }
    } else {
      make(interface, bytes, &buffer)
    }
    if !sources[file].comments.isEmpty { addComments(file, start, &buffer) }
    let factor = interface.timeOffset == 0 ? interface.resolution.nanosecondsPerTick : 0
    if interface.index != count { sources[file].isSame = false }
    sources[file].interfaces.append(
      Interface(
        index: count, resolution: interface.resolution, offset: interface.timeOffset, factor: factor))
    count &+= 1
  }

  /// An interface of a pcap file, or one that is captured on.
  private func make(_ interface: CaptureInterface, _ bytes: RawSpan, _ buffer: inout BlockBuffer) {
    var writer = PcapngWriter(order: order)
    var block: [UInt8] = []
    func text(_ range: Range<Int>) -> String {
      let range = range.clamped(to: 0..<bytes.byteCount)
      return bytes.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
    writer.appendInterface(
      linkType: interface.linkType, snaplen: interface.snaplen, name: text(interface.name),
      description: text(interface.description), resolution: interface.resolution, timeOffset: interface.timeOffset,
      fcsLength: interface.fcsLength, to: &block)
    buffer.append(block.span.bytes)
  }

  /// What an interface that is captured on has counted.
  private func append(_ statistics: InterfaceStatistics, _ file: Int, _ buffer: inout BlockBuffer) -> Bool {
    guard Int(statistics.interface) < sources[file].interfaces.count else { return false }
    let interface = sources[file].interfaces[Int(statistics.interface)]
    var block: [UInt8] = []
    var unitless = statistics
    unitless.time = Timestamp(nanoseconds: Int64(clamping: ticks(statistics.time, interface)))
    PcapngWriter(order: order).appendStatistics(unitless, interface: interface.index, to: &block)
    buffer.append(block.span.bytes)
    return true
  }

  /// A block that is neither a section's header nor an interface nor a packet.
  private mutating func append(
    _ block: CaptureBlock, _ bytes: RawSpan, _ file: Int, _ buffer: inout BlockBuffer
  ) -> Bool {
    guard hasSection, block.type != PcapngBlockType.customNotCopied.rawValue else { return false }
    let start = buffer.count
    if block.order == order {
      copy(block, bytes, &buffer)
    } else if !swap(block, bytes, &buffer) {
      return false
    }
    guard block.type == PcapngBlockType.interfaceStatistics.rawValue, block.bytes.count >= 24 else { return true }
    let index = Int(bytes.load(block.bytes.lowerBound + 8, block.order, as: UInt32.self))
    guard sources[file].interfaces.indices.contains(index) else {
      buffer.truncate(to: start)
      return false
    }
    buffer.store(sources[file].interfaces[index].index, at: start + 8, order)
    return true
  }

  // MARK: Packets

  /// Copies `packet` with everything that its block says.
  ///
  /// - Parameters:
  ///   - block: its block; nil where it comes from no pcapng file.
  ///   - file: the index of the capture, of which its interface must have been copied: else nothing is.
  @inline(__always)
  public func append(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, to buffer: inout BlockBuffer
  ) {
    guard file < sources.count, Int(packet.interface) < sources[file].interfaces.count else { return }
    if let block { return append(block, packet, bytes, file, &buffer) }
    make(packet, bytes, sources[file].interfaces[Int(packet.interface)], &buffer)
  }

  private func append(
    _ block: CaptureBlock, _ packet: CapturedPacket, _ bytes: RawSpan, _ file: Int, _ buffer: inout BlockBuffer
  ) {
    let interface = sources[file].interfaces[Int(packet.interface)]
    let isSimple = block.type == PcapngBlockType.simplePacket.rawValue
    if isSimple, interface.index != 0 || block.order != order {
      return make(packet, bytes, interface, &buffer)
    }
    let start = buffer.count
    if block.order == order {
      copy(block, bytes, &buffer)
    } else if !swap(block, bytes, &buffer) {
      return make(packet, bytes, interface, &buffer)
    }
    guard !sources[file].isSame, !isSimple else { return }
    // The obsolete Packet Block differs from this one in that its index has 16 bits.
    buffer.store(PcapngBlockType.enhancedPacket.rawValue, at: start, order)
    buffer.store(interface.index, at: start + 8, order)
  }

  /// An Enhanced Packet Block (§4.3) from what is known of a packet.
  @inline(__always)
  private func make(
    _ packet: CapturedPacket, _ bytes: RawSpan, _ interface: Interface, _ buffer: inout BlockBuffer
  ) {
    let data = packet.data.count
    let padded = (data &+ 3) & ~3
    let options = packet.fcsLength > 0 ? 12 : 0
    let length = Self.packetOverhead &+ padded &+ options
    let start = buffer.extend(by: length)
    let ticks = ticks(packet.time, interface)
    buffer.store(PcapngBlockType.enhancedPacket.rawValue, at: start, order)
    buffer.store(UInt32(truncatingIfNeeded: length), at: start &+ 4, order)
    buffer.store(interface.index, at: start &+ 8, order)
    buffer.store(UInt32(truncatingIfNeeded: ticks >> 32), at: start &+ 12, order)
    buffer.store(UInt32(truncatingIfNeeded: ticks), at: start &+ 16, order)
    buffer.store(UInt32(truncatingIfNeeded: data), at: start &+ 20, order)
    buffer.store(packet.originalLength, at: start &+ 24, order)
    if padded != data { buffer.store(0 as UInt32, at: start &+ 24 &+ padded, order) }
    bytes.extracting(packet.data).withUnsafeBytes { buffer.copy($0, to: start &+ 28) }
    if options > 0 {
      let place = start &+ 28 &+ padded
      buffer.store(2 as UInt16, at: place, order)  // epb_flags, whose bits 5 to 8 are the FCS length
      buffer.store(4 as UInt16, at: place &+ 2, order)
      buffer.store(UInt32(packet.fcsLength & 0xf) << 5, at: place &+ 4, order)
      buffer.store(0 as UInt32, at: place &+ 8, order)
    }
    buffer.store(UInt32(truncatingIfNeeded: length), at: start &+ length &- 4, order)
  }

  @inline(__always)
  private func ticks(_ time: Timestamp, _ interface: Interface) -> UInt64 {
    if interface.factor == 1 { return UInt64(clamping: time.nanoseconds) }
    if interface.factor > 1 { return UInt64(clamping: time.nanoseconds) / interface.factor }
    let nanoseconds = Int128(time.nanoseconds) - Int128(interface.offset) * 1_000_000_000
    return interface.resolution.ticks(in: Int64(clamping: nanoseconds))
  }

  /// Copies a block as it is, but for lengths that contradict each other, and options that are broken.
  private func copy(_ block: CaptureBlock, _ bytes: RawSpan, _ buffer: inout BlockBuffer) {
    let start = buffer.count
    buffer.append(bytes.extracting(block.bytes))
    let length = UInt32(truncatingIfNeeded: block.bytes.count)
    buffer.store(length, at: start + 4, order)
    buffer.store(length, at: buffer.count - 4, order)
    PcapngOptionMending.mend(PcapngBlockType(rawValue: block.type), at: start, order, &buffer)
  }
  /// The same in the other byte order; false if that is not possible.
  private func swap(_ block: CaptureBlock, _ bytes: RawSpan, _ buffer: inout BlockBuffer) -> Bool {
    let start = buffer.count
    guard PcapngSwapping.append(block, bytes, to: &buffer) else { return false }
    PcapngOptionMending.mend(PcapngBlockType(rawValue: block.type), at: start, order, &buffer)
    return true
  }
}
