import Bytes

/// One pcapng block: type, length, body, length (draft-ietf-opsawg-pcapng §3.1).
struct PcapngBlock {
  /// The shortest block: no body.
  static let minimumLength = 12

  var type: PcapngBlockType
  /// What is between the lengths.
  var body: Range<Int>
  /// The section's byte order.
  var order: ByteOrder
  /// Where in the file the block begins.
  var offset: UInt64

  /// The block of `length` bytes at `position`, all there.
  init(_ bytes: RawSpan, _ position: Int, length: Int, order: ByteOrder, offset: UInt64) {
    type = PcapngBlockType(rawValue: bytes.load(position, order, as: UInt32.self))
    body = position + 8..<position + length - 4
    self.order = order
    self.offset = offset
  }

  private init(type: PcapngBlockType, body: Range<Int>, order: ByteOrder, offset: UInt64) {
    self.type = type
    self.body = body
    self.order = order
    self.offset = offset
  }

  /// No block at all.
  static var nothing: PcapngBlock {
    PcapngBlock(type: .custom, body: 8..<8, order: .little, offset: 0)
  }

  /// All of it, with its lengths.
  var bytes: Range<Int> { body.lowerBound - 8..<body.upperBound + 4 }

  /// Whether a Section Header Block begins at `position`; its type reads the same in both byte orders.
  static func beginsSection(_ bytes: RawSpan, _ position: Int) -> Bool {
    bytes.u32(position) == PcapngBlockType.sectionHeader.rawValue
  }

  /// The byte order that the Section Header Block at `position` declares (§4.1).
  static func sectionOrder(_ bytes: RawSpan, _ position: Int) -> ByteOrder? {
    switch bytes.u32(position + 8) {
    case 0x1a2b_3c4d: .big
    case 0x4d3c_2b1a: .little
    default: nil
    }
  }
}

/// The type of a pcapng block.
struct PcapngBlockType: RawRepresentable, Hashable, Sendable {
  var rawValue: UInt32

  static let sectionHeader = PcapngBlockType(rawValue: 0x0a0d_0d0a)
  static let interfaceDescription = PcapngBlockType(rawValue: 1)
  static let obsoletePacket = PcapngBlockType(rawValue: 2)
  static let simplePacket = PcapngBlockType(rawValue: 3)
  static let nameResolution = PcapngBlockType(rawValue: 4)
  static let interfaceStatistics = PcapngBlockType(rawValue: 5)
  static let enhancedPacket = PcapngBlockType(rawValue: 6)
  static let journalEntry = PcapngBlockType(rawValue: 9)
  static let decryptionSecrets = PcapngBlockType(rawValue: 10)
  static let sysdigEvent = PcapngBlockType(rawValue: 0x204)
  static let sysdigEvent2 = PcapngBlockType(rawValue: 0x216)
  static let sysdigEvent2Large = PcapngBlockType(rawValue: 0x221)
  static let custom = PcapngBlockType(rawValue: 0xbad)
  static let customNotCopied = PcapngBlockType(rawValue: 0x4000_0bad)

  /// Whether Wireshark gives a frame number to blocks of this type, which hold no packet. (Found with tshark 4.0.)
  var isNumberedByWireshark: Bool {
    switch self {
    case .journalEntry, .sysdigEvent, .sysdigEvent2, .sysdigEvent2Large, .custom, .customNotCopied: true
    default: false
    }
  }
}

/// The options of a block, one after another (draft-ietf-opsawg-pcapng §3.5).
struct PcapngOptions {
  private var position: Int
  private let end: Int
  private let order: ByteOrder
  /// What is wrong with the options, once they are over.
  private(set) var fault: CaptureFault.Kind?

  /// The options that fill `range`; an empty range is no options, and no fault.
  init(_ range: Range<Int>, _ order: ByteOrder) {
    position = range.lowerBound
    end = range.upperBound
    self.order = order
    fault = nil
  }

  /// The options of `block` behind the first `count` bytes of its body.
  init(of block: PcapngBlock, after count: Int) {
    let start = min(block.body.lowerBound + ((count + 3) & ~3), block.body.upperBound)
    self.init(start..<block.body.upperBound, block.order)
  }

  /// The next option; nil when they are over.
  mutating func next(_ bytes: RawSpan) -> (code: UInt16, value: Range<Int>)? {
    guard end - position >= 4 else {
      // Blocks are multiples of 4 bytes long, so that nothing can be left over.
      return nil
    }
    let code = bytes.load(position, order, as: UInt16.self)
    let length = Int(bytes.load(position + 2, order, as: UInt16.self))
    if code == 0 {
      position = end
      return nil
    }
    let start = position + 4
    guard length <= end - start else {
      fault = .malformedOption(code: code)
      position = end
      return nil
    }
    position = min(start + ((length + 3) & ~3), end)
    if position == end { fault = .optionsWithoutEnd }
    return (code, start..<start + length)
  }
}
