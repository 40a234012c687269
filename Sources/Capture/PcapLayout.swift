import Bytes

/// How the records of a pcap file are laid out, as its header says.
@usableFromInline
struct PcapLayout: Equatable, Sendable {
  /// How a record's two lengths are stored. Programs older than format version 2.4 swapped them.
  @usableFromInline
  enum Lengths: Equatable, Sendable {
    /// Captured length, then original length.
    case inOrder
    /// Original length, then captured length: versions 2.0 to 2.2.
    case swapped
    /// Either; the smaller is the captured length: version 2.3.
    case either
  }

  @usableFromInline var order: ByteOrder
  @usableFromInline var nanosecondsPerTick: Int64
  /// Bytes of a record's header: 16, or 24 in the "modified" format of Alexey Kuznetsov's patches.
  @usableFromInline var recordHeader: Int
  @usableFromInline var lengths: Lengths
  @usableFromInline var linkType: LinkType
  @usableFromInline var fcsLength: UInt8
  var snaplen: UInt32

  /// Bytes of the file header.
  static let headerLength = 24

  /// What a file's first four bytes say, if they begin a pcap file.
  init?(magicOf bytes: RawSpan, at position: Int) {
    let big = bytes.u32(position)
    switch big {
    case 0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34: order = .big
    case 0xd4c3_b2a1, 0x4d3c_b2a1, 0x34cd_b2a1: order = .little
    default: return nil
    }
    let magic = order == .big ? big : big.byteSwapped
    nanosecondsPerTick = magic == 0xa1b2_3c4d ? 1 : 1000
    recordHeader = magic == 0xa1b2_cd34 ? 24 : 16
    lengths = .inOrder
    linkType = .null
    fcsLength = 0
    snaplen = 0
  }

  /// Reads the rest of the file header that begins at `position` and is all there.
  mutating func readHeader(_ bytes: RawSpan, at position: Int) throws(CaptureFileError) {
    let major = bytes.load(position + 4, order, as: UInt16.self)
    let minor = bytes.load(position + 6, order, as: UInt16.self)
    guard major == 2 else { throw .unsupportedVersion(format: "pcap", major: major, minor: minor) }
    lengths = minor < 3 ? .swapped : minor == 3 ? .either : .inOrder
    snaplen = bytes.load(position + 16, order, as: UInt32.self)
    // The link type field as libpcap reads it: 4 bits of FCS length in 16-bit words, a spare bit, a bit that says
    // whether that length is known, 10 bits without a use, 16 bits of link type.
    let link = bytes.load(position + 20, order, as: UInt32.self)
    linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: link))
    fcsLength = link & 0x0400_0000 == 0 ? 0 : UInt8(link >> 28) * 2
  }

  /// The captured and the original length of the record at `position`, whose header is all there.
  @inlinable @inline(__always)
  func lengths(of bytes: RawSpan, at position: Int) -> (captured: UInt32, original: UInt32) {
    let first = bytes.load(position &+ 8, order, as: UInt32.self)
    let second = bytes.load(position &+ 12, order, as: UInt32.self)
    switch lengths {
    case .inOrder: return (first, second)
    case .swapped: return (second, first)
    case .either: return (min(first, second), max(first, second))
    }
  }

  /// The time of the record at `position`. 32 unsigned bits of seconds reach to 2106, so nothing can overflow.
  @inlinable @inline(__always)
  func time(of bytes: RawSpan, at position: Int) -> Timestamp {
    let seconds = Int64(bytes.load(position, order, as: UInt32.self))
    let fraction = Int64(bytes.load(position &+ 4, order, as: UInt32.self))
    return Timestamp(nanoseconds: seconds &* 1_000_000_000 &+ fraction &* nanosecondsPerTick)
  }

  var format: CaptureFormat { .pcap(resolution: resolution, order: order) }

  var interface: CaptureInterface {
    CaptureInterface(linkType: linkType, fcsLength: fcsLength, resolution: resolution, snaplen: snaplen)
  }

  private var resolution: TimestampResolution { nanosecondsPerTick == 1 ? .nanoseconds : .microseconds }
}
