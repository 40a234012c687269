import Bytes

/// Writes a pcapng file (draft-ietf-opsawg-pcapng), as bytes behind those that are there.
///
/// A section comes first, then its interfaces, each before its packets.
public struct PcapngWriter: Sendable {
  /// The byte order of the section.
  public let order: ByteOrder
  private var resolutions: [(resolution: TimestampResolution, offset: Int64)] = []

  /// A writer of a section in this byte order.
  public init(order: ByteOrder = .little) {
    self.order = order
  }

  /// A Section Header Block (§4.1) of a section whose length is not told. Interfaces are numbered from 0 again.
  public mutating func appendSection(to output: inout [UInt8]) {
    resolutions = []
    let start = begin(0x0a0d_0d0a, &output)
    output.append(0x1a2b_3c4d as UInt32, order)
    output.append(1 as UInt16, order)
    output.append(0 as UInt16, order)
    output.append(-1 as Int64, order)
    end(start, &output)
  }

  /// An Interface Description Block (§4.2). Gives the interface's index. `fcsLength` is in bytes; 0 leaves it unknown.
  @discardableResult
  public mutating func appendInterface(
    linkType: LinkType, snaplen: UInt32 = 0, name: String = "", description: String = "",
    resolution: TimestampResolution = .nanoseconds,
    timeOffset: Int64 = 0, fcsLength: UInt8 = 0, to output: inout [UInt8]
  ) -> UInt32 {
    let start = begin(1, &output)
    output.append(linkType.rawValue, order)
    output.append(0 as UInt16, order)
    output.append(snaplen, order)
    let first = output.count
    if !name.isEmpty { appendOption(2, Array(name.utf8), &output) }
    if !description.isEmpty { appendOption(3, Array(description.utf8), &output) }
    if resolution != .microseconds { appendOption(9, [resolution.rawValue], &output) }
    if fcsLength != 0 { appendOption(13, [UInt8(clamping: Int(fcsLength) * 8)], &output) }
    if timeOffset != 0 {
      var value: [UInt8] = []
      value.append(timeOffset, order)
      appendOption(14, value, &output)
    }
    if output.count > first { appendOption(0, [], &output) }
    end(start, &output)
    resolutions.append((resolution, timeOffset))
    return UInt32(resolutions.count - 1)
  }

  /// An Enhanced Packet Block (§4.3) of `interface`, which must have been appended: else nanoseconds are assumed.
  /// `originalLength` is that of `data` unless told. `flags` is the flags option's word, which 0 leaves out.
  public func appendPacket(
    _ data: RawSpan, time: Timestamp, interface: UInt32 = 0, originalLength: UInt32? = nil, flags: UInt32 = 0,
    to output: inout [UInt8]
  ) {
    let length = UInt32(clamping: data.byteCount)
    let ticks = ticks(time, interface)
    let start = begin(6, &output)
    output.append(interface, order)
    output.append(UInt32(truncatingIfNeeded: ticks >> 32), order)
    output.append(UInt32(truncatingIfNeeded: ticks), order)
    output.append(length, order)
    output.append(originalLength ?? length, order)
    output.append(data)
    pad(&output, from: start)
    if flags != 0 {
      var value: [UInt8] = []
      value.append(flags, order)
      appendOption(2, value, &output)
      appendOption(0, [], &output)
    }
    end(start, &output)
  }

  /// An Interface Statistics Block (§4.6) of `interface`, which must have been appended: else nanoseconds are assumed.
  public func appendStatistics(_ statistics: InterfaceStatistics, interface: UInt32, to output: inout [UInt8]) {
    let ticks = ticks(statistics.time, interface)
    let start = begin(5, &output)
    output.append(interface, order)
    output.append(UInt32(truncatingIfNeeded: ticks >> 32), order)
    output.append(UInt32(truncatingIfNeeded: ticks), order)
    let counts: [(UInt16, UInt64?)] = [
      (4, statistics.received), (5, statistics.droppedByInterface), (6, statistics.acceptedByFilter),
      (7, statistics.droppedBySystem), (8, statistics.delivered),
    ]
    for case (let code, let count?) in counts {
      var value: [UInt8] = []
      value.append(count, order)
      appendOption(code, value, &output)
    }
    if counts.contains(where: { $0.1 != nil }) { appendOption(0, [], &output) }
    end(start, &output)
  }

  /// A Decryption Secrets Block (§4.7); it must come before the packets that it decrypts.
  public func appendSecrets(_ data: RawSpan, type: SecretsType, to output: inout [UInt8]) {
    let start = begin(10, &output)
    output.append(type.rawValue, order)
    output.append(UInt32(clamping: data.byteCount), order)
    output.append(data)
    end(start, &output)
  }

  /// A block of any type.
  public func appendBlock(_ type: UInt32, body: [UInt8], to output: inout [UInt8]) {
    let start = begin(type, &output)
    output.append(contentsOf: body)
    end(start, &output)
  }

  private func ticks(_ time: Timestamp, _ interface: UInt32) -> UInt64 {
    guard interface < resolutions.count else { return UInt64(clamping: time.nanoseconds) }
    let (resolution, offset) = resolutions[Int(interface)]
    if resolution == .nanoseconds, offset == 0 { return UInt64(clamping: time.nanoseconds) }
    let nanoseconds = Int128(time.nanoseconds) - Int128(offset) * 1_000_000_000
    return resolution.ticks(in: Int64(clamping: nanoseconds))
  }

  private func begin(_ type: UInt32, _ output: inout [UInt8]) -> Int {
    let start = output.count
    output.append(type, order)
    output.append(0 as UInt32, order)
    return start
  }

  private func end(_ start: Int, _ output: inout [UInt8]) {
    pad(&output, from: start)
    let length = UInt32(clamping: output.count + 4 - start)
    output.replace(at: start + 4, with: length, order)
    output.append(length, order)
  }

  /// Zeros up to a multiple of 4 bytes from `start`.
  private func pad(_ output: inout [UInt8], from start: Int) {
    while (output.count - start) % 4 != 0 { output.append(0) }
  }

  private func appendOption(_ code: UInt16, _ value: [UInt8], _ output: inout [UInt8]) {
    let value = value.prefix(Int(UInt16.max))
    output.append(code, order)
    output.append(UInt16(value.count), order)
    output.append(contentsOf: value)
    pad(&output, from: output.count - value.count)
  }
}
