import Bytes

/// Writes a pcap file (draft-ietf-opsawg-pcap), as bytes behind those that are there.
public struct PcapWriter: Sendable {
  /// The byte order of the headers.
  public let order: ByteOrder
  /// The unit of times: microseconds, or else nanoseconds.
  public let resolution: TimestampResolution

  /// A writer of files in this byte order. `resolution` is microseconds or nanoseconds; any other means nanoseconds.
  public init(order: ByteOrder = .little, resolution: TimestampResolution = .nanoseconds) {
    self.order = order
    self.resolution = resolution == .microseconds ? .microseconds : .nanoseconds
  }

  /// The file header. `fcsLength` is in bytes, even and below 32; 0 leaves it unknown.
  public func appendHeader(
    linkType: LinkType, snaplen: UInt32 = 262_144, fcsLength: UInt8 = 0, to output: inout [UInt8]
  ) {
    let fcs = fcsLength == 0 ? 0 : UInt32(fcsLength / 2 & 0xf) << 28 | 0x0400_0000
    output.append(resolution == .microseconds ? 0xa1b2_c3d4 as UInt32 : 0xa1b2_3c4d, order)
    output.append(2 as UInt16, order)
    output.append(4 as UInt16, order)
    output.append(0 as UInt64, order)
    output.append(snaplen, order)
    output.append(UInt32(linkType.rawValue) | fcs, order)
  }

  /// A packet. Times before 1970 and after 2106 are clamped; `originalLength` is that of `data` unless told.
  @inlinable
  public func appendPacket(
    _ data: RawSpan, time: Timestamp, originalLength: UInt32? = nil, to output: inout [UInt8]
  ) {
    let length = UInt32(clamping: data.byteCount)
    let nanoseconds = max(time.nanoseconds, 0)
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    output.append(UInt32(clamping: seconds), order)
    output.append(UInt32(resolution == .microseconds ? rest / 1000 : rest), order)
    output.append(length, order)
    output.append(originalLength ?? length, order)
    output.append(data)
  }
}

extension [UInt8] {
  /// Appends the bytes of `value` in `order`.
  @inlinable
  mutating func append<T: FixedWidthInteger>(_ value: T, _ order: ByteOrder) {
    Swift.withUnsafeBytes(of: order == .big ? value.bigEndian : value.littleEndian) { append(contentsOf: $0) }
  }

  /// Appends `bytes`.
  @inlinable
  mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }

  /// Writes the bytes of `value` in `order` over those at `position`, which are there.
  mutating func replace(at position: Int, with value: UInt32, _ order: ByteOrder) {
    Swift.withUnsafeBytes(of: order == .big ? value.bigEndian : value.littleEndian) { bytes in
      for (index, byte) in bytes.enumerated() { self[position + index] = byte }
    }
  }
}
