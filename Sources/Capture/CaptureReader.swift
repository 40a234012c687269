import Bytes

/// Reads a capture file, pcap or pcapng told by content: shown bytes, it gives what they hold, one event at a time.
///
/// It owns no file and copies nothing. The caller keeps a buffer, shows it, and takes events until there is none; then it
/// moves what is left to the buffer's front, reads more behind it, and shows it again:
///
/// ```swift
/// while let event = try reader.next(buffer, &position) { … }
/// ```
///
/// pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng.
public struct CaptureReader: Sendable {
  /// Where in the file it stands.
  private enum State: Sendable {
    /// Before the first header.
    case start
    /// Before a record of a pcap file.
    case pcap
    /// Before a block of a pcapng file.
    case pcapng
    /// Inside a pcapng block that is too long, which began at `offset`.
    case skipping(remaining: UInt64, offset: UInt64)
    /// Behind a record without a usable length, which began at `offset`: no later record can be found for sure.
    case lost(offset: UInt64)
    /// At the end.
    case over
  }

  /// What it will hold on to.
  public let limits: CaptureLimits
  /// How many bytes, at least, the incomplete record lacks: set whenever `next` returns nil.
  public private(set) var missing = 0
  /// Packets so far, other records that Wireshark numbers among them.
  public var packets: UInt64 { numbered }
  /// Bytes of the (decompressed) file taken so far.
  public var offset: UInt64 { taken }
  /// pcapng blocks passed over because their type is unknown or of no use.
  public private(set) var blocksSkipped: UInt64 = 0
  /// The file's format; nil until its first bytes have been seen.
  public private(set) var format: CaptureFormat?
  /// Whether blocks that say nothing of what was captured are given too, as `CaptureEvent.other`.
  public var givesAllBlocks = false
  /// The block of the latest event of a pcapng file that is no fault.
  public var block: CaptureBlock? {
    format == .pcapng ? CaptureBlock(type: latest.type.rawValue, bytes: latest.bytes, order: latest.order) : nil
  }

  private var state = State.start
  @usableFromInline var numbered: UInt64 = 0
  @usableFromInline var taken: UInt64 = 0
  /// Set while in the state `.pcap`: the layout of the records.
  @usableFromInline var pcap: PcapLayout?
  private var section = PcapngSection()
  private var latest = PcapngBlock.nothing
  private var faults = CaptureFaultLog()

  /// A reader at the start of a file.
  public init(limits: CaptureLimits = .default) {
    self.limits = limits
  }

  /// The next thing that `bytes`, from `position` on, completes; `position` moves behind it.
  ///
  /// nil when what is left is the beginning of a record: show it again, with at least `missing` bytes more behind it.
  /// Throws when the file turns out not to be a capture, which its first 24 bytes tell.
  @inlinable
  public mutating func next(
    _ bytes: RawSpan, _ position: inout Int
  ) throws(CaptureFileError) -> CaptureEvent? {
    if let packet = nextPacket(bytes, &position) { return .packet(packet) }
    return try nextSlowly(bytes, &position)
  }

  /// The fast path of `next`: the packet that comes next, if it does so whole in a pcap file. Nil otherwise: ask `next`.
  @inlinable @inline(__always)
  public mutating func nextPacket(_ bytes: RawSpan, _ position: inout Int) -> CapturedPacket? {
    guard let pcap else { return nil }
    let left = bytes.byteCount &- position &- pcap.recordHeader
    guard left >= 0 else { return nil }
    let (captured, original) = pcap.lengths(of: bytes, at: position)
    guard Int(captured) <= min(left, limits.record) else { return nil }
    let start = position &+ pcap.recordHeader
    let end = start &+ Int(captured)
    let time = pcap.time(of: bytes, at: position)
    numbered &+= 1
    taken &+= UInt64(truncatingIfNeeded: end &- position)
    position = end
    return CapturedPacket(
      number: numbered, time: time, linkType: pcap.linkType, fcsLength: pcap.fcsLength, originalLength: original,
      data: Range(uncheckedBounds: (start, end)))
  }

  /// What the end of the file completes: `bytes` from `position` on is all that is left of it. Call until nil.
  ///
  /// A record that is cut off is a fault, and no packet: Wireshark does not number it either. Throws when the file ended
  /// before it could be told to be a capture.
  public mutating func finish(_ bytes: RawSpan, _ position: inout Int) throws(CaptureFileError) -> CaptureEvent? {
    if let event = try next(bytes, &position) { return event }
    let last = state
    state = .over
    pcap = nil
    let left = bytes.byteCount - position
    switch last {
    case .start:
      throw Self.notACapture(bytes, position)
    case .pcap, .pcapng:
      let start = offset
      take(left, &position)
      return left == 0 ? nil : .fault(CaptureFault(.cutOff(missing: UInt64(missing)), offset: start))
    case .skipping(let remaining, let start):
      return .fault(CaptureFault(.cutOff(missing: remaining), offset: start))
    case .lost(let start):
      return .fault(CaptureFault(.unread(bytes: offset - start), offset: start))
    case .over:
      return nil
    }
  }

  /// Everything but a whole pcap record.
  @usableFromInline
  mutating func nextSlowly(_ bytes: RawSpan, _ position: inout Int) throws(CaptureFileError) -> CaptureEvent? {
    while true {
      let left = bytes.byteCount - position
      switch state {
      case .start:
        guard left >= PcapLayout.headerLength else { return wait(for: PcapLayout.headerLength - left) }
        if let interface = try begin(bytes, &position) { return .interface(interface) }
      case .pcap:
        return nextRecord(bytes, position)
      case .pcapng:
        return nextBlock(bytes, &position)
      case .skipping(let remaining, let start):
        let skipped = min(remaining, UInt64(left))
        take(Int(skipped), &position)
        state = skipped < remaining ? .skipping(remaining: remaining - skipped, offset: start) : .pcapng
        if skipped < remaining { return wait(for: 1) }
      case .lost:
        take(left, &position)
        return wait(for: 1)
      case .over:
        return nil
      }
    }
  }

  /// The file's first 24 bytes are there. A pcap header is taken and gives the interface; a pcapng header is left.
  private mutating func begin(_ bytes: RawSpan, _ position: inout Int) throws(CaptureFileError) -> CaptureInterface? {
    if var layout = PcapLayout(magicOf: bytes, at: position) {
      try layout.readHeader(bytes, at: position)
      take(PcapLayout.headerLength, &position)
      format = layout.format
      state = .pcap
      pcap = layout
      return layout.interface
    }
    guard PcapngBlock.beginsSection(bytes, position), let order = PcapngBlock.sectionOrder(bytes, position) else {
      state = .over
      throw Self.notACapture(bytes, position)
    }
    let major = bytes.load(position + 12, order, as: UInt16.self)
    guard major == PcapngSection.majorVersion else {
      state = .over
      let minor = bytes.load(position + 14, order, as: UInt16.self)
      throw .unsupportedVersion(format: "pcapng", major: major, minor: minor)
    }
    format = .pcapng
    state = .pcapng
    return nil
  }

  /// A pcap record that is not complete, or that is too long to be true.
  private mutating func nextRecord(_ bytes: RawSpan, _ position: Int) -> CaptureEvent? {
    guard let pcap else { return nil }
    let left = bytes.byteCount - position - pcap.recordHeader
    guard left >= 0 else { return wait(for: -left) }
    let captured = pcap.lengths(of: bytes, at: position).captured
    // Records follow each other without any mark: a wrong length leaves nothing to hold on to.
    guard captured <= limits.record else { return lose(.impossibleLength(captured)) }
    return wait(for: Int(captured) - left)
  }

  /// The next event of a pcapng file.
  private mutating func nextBlock(_ bytes: RawSpan, _ position: inout Int) -> CaptureEvent? {
    while true {
      if let fault = faults.next() { return .fault(fault) }
      let left = bytes.byteCount - position
      guard left >= PcapngBlock.minimumLength else { return wait(for: PcapngBlock.minimumLength - left) }
      let beginsSection = PcapngBlock.beginsSection(bytes, position)
      guard let order = beginsSection ? PcapngBlock.sectionOrder(bytes, position) : section.order else {
        return lose(.unknownSection)
      }
      let length = bytes.load(position + 4, order, as: UInt32.self)
      guard length >= PcapngBlock.minimumLength else { return lose(.impossibleLength(length)) }
      // "MUST be a multiple of 4" (§3.1); writers that forget it still pad the block.
      let padded = (Int(length) + 3) & ~3
      guard padded <= limits.record else { return skip(length, padded) }
      guard padded <= left else { return wait(for: padded - left) }

      let block = PcapngBlock(bytes, position, length: padded, order: order, offset: offset)
      if length != padded { faults.report(.unalignedLength(length), block) }
      let trailing = bytes.load(position + padded - 4, order, as: UInt32.self)
      if trailing != length, trailing != padded { faults.report(.trailingLength(trailing), block) }
      take(padded, &position)
      if beginsSection, !section.begin(bytes, block) {
        state = .lost(offset: block.offset)
        return .fault(CaptureFault(.unknownSection, offset: block.offset))
      }
      latest = block
      if let event = decode(bytes, block) { return event }
    }
  }

  /// What a block holds.
  private mutating func decode(_ bytes: RawSpan, _ block: PcapngBlock) -> CaptureEvent? {
    switch block.type {
    case .enhancedPacket:
      return packet(section.enhancedPacket(bytes, block, number: packets + 1, &faults))
    case .simplePacket:
      return packet(section.simplePacket(bytes, block, number: packets + 1, &faults))
    case .obsoletePacket:
      return packet(section.obsoletePacket(bytes, block, number: packets + 1, &faults))
    case .interfaceDescription:
      return section.interface(bytes, block, limits, &faults).map { .interface($0) }
    case .interfaceStatistics:
      return section.statistics(bytes, block, &faults).map { .statistics($0) }
    case .decryptionSecrets:
      return section.secrets(bytes, block, &faults).map { .secrets($0) }
    case .sectionHeader, .nameResolution:
      return other()
    default:
      blocksSkipped += 1
      if block.type.isNumberedByWireshark { numbered += 1 }
      return other()
    }
  }

  private func other() -> CaptureEvent? {
    guard givesAllBlocks else { return nil }
    return block.map { .other($0) }
  }

  private mutating func packet(_ packet: CapturedPacket?) -> CaptureEvent? {
    guard let packet else { return nil }
    numbered = packet.number
    return .packet(packet)
  }

  private mutating func skip(_ length: UInt32, _ padded: Int) -> CaptureEvent {
    state = .skipping(remaining: UInt64(padded), offset: offset)
    return .fault(CaptureFault(.tooLong(length: length), offset: offset))
  }

  private mutating func lose(_ kind: CaptureFault.Kind) -> CaptureEvent {
    state = .lost(offset: offset)
    pcap = nil
    return .fault(CaptureFault(kind, offset: offset))
  }

  private mutating func wait(for count: Int) -> CaptureEvent? {
    missing = count
    return nil
  }

  private mutating func take(_ count: Int, _ position: inout Int) {
    position += count
    taken &+= UInt64(count)
  }

  /// The error for a file that begins (or consists of) what is left.
  private static func notACapture(_ bytes: RawSpan, _ position: Int) -> CaptureFileError {
    let left = bytes.byteCount - position
    if left == 0 { return .empty }
    if left >= 4, left < PcapLayout.headerLength {
      if PcapLayout(magicOf: bytes, at: position) != nil { return .headerCutOff }
      if PcapngBlock.beginsSection(bytes, position) { return .headerCutOff }
    }
    return .notACapture(looksLike: ForeignFormat(startingWith: bytes, at: position))
  }
}
