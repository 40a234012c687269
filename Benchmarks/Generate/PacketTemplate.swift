/// TCP's flags (RFC 9293 §3.1).
struct TCPFlags: OptionSet {
  var rawValue: UInt8

  static let finish = TCPFlags(rawValue: 0x01)
  static let synchronize = TCPFlags(rawValue: 0x02)
  static let push = TCPFlags(rawValue: 0x08)
  static let acknowledge = TCPFlags(rawValue: 0x10)
}

/// One end of a TCP connection.
struct End {
  var address: UInt32
  var port: UInt16
  /// The last byte of its MAC address.
  var station: UInt8
  /// The next sequence number that it sends.
  var sequence: UInt32
  /// The next IPv4 identification that it uses.
  var identification: UInt16
  /// Its timestamp clock: milliseconds, from a start of its own (RFC 7323 §5).
  var clockStart: UInt32
  /// The last timestamp that it sent.
  var lastTimestamp: UInt32 = 0
  /// Segments received since it last acknowledged.
  var unacknowledged = 0
}

/// An Ethernet frame with IPv4 and TCP, filled in anew for each packet.
struct PacketTemplate {
  /// Payload bytes of a full segment: an MTU of 1500 bytes, less IPv4's and TCP's header with timestamps.
  static let segmentSize = 1448

  private static let ethernet = 14
  private static let tcp = 34
  private var bytes: [UInt8]

  init() {
    let mac: [UInt8] = [2, 0, 0, 0, 0, 0]
    let ip: [UInt8] = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6] + [UInt8](repeating: 0, count: 10)
    let header = mac + mac + [8, 0] + ip
    bytes = header + [UInt8](repeating: 0, count: 40 + Self.segmentSize)
  }

  /// Writes a packet with `contents[range]`, at most `segmentSize` bytes (none with `.synchronize`), into `trace`.
  mutating func write(
    _ contents: [UInt8], _ range: Range<Int>, _ flags: TCPFlags, from source: inout End, to destination: End,
    _ trace: Trace
  ) {
    let opens = flags.contains(.synchronize)
    let header = opens ? 40 : 32
    source.lastTimestamp = source.clockStart &+ UInt32(truncatingIfNeeded: trace.time / 1_000_000)
    writeAddresses(source, destination, length: 20 + header + range.count)
    writeTCP(flags, source, destination, opens: opens)
    let start = Self.tcp + header
    let end = start + range.count
    bytes.withUnsafeMutableBytes { bytes in
      contents[range].withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyMemory(from: $0) }
    }
    writeChecksums(end: end)
    source.sequence &+= UInt32(range.count) &+ (flags.isDisjoint(with: [.synchronize, .finish]) ? 0 : 1)
    source.identification &+= 1
    trace.append(bytes.span.bytes.extracting(0..<end))
  }

  /// `length` is that of the IPv4 packet.
  private mutating func writeAddresses(_ source: End, _ destination: End, length: Int) {
    bytes[5] = destination.station
    bytes[11] = source.station
    store(UInt16(length), at: 16)
    store(source.identification, at: 18)
    store(0 as UInt16, at: 24)
    store(source.address, at: 26)
    store(destination.address, at: 30)
  }

  private mutating func writeTCP(_ flags: TCPFlags, _ source: End, _ destination: End, opens: Bool) {
    store(source.port, at: Self.tcp)
    store(destination.port, at: Self.tcp + 2)
    store(source.sequence, at: Self.tcp + 4)
    store(flags.contains(.acknowledge) ? destination.sequence : 0, at: Self.tcp + 8)
    bytes[Self.tcp + 12] = opens ? 0xa0 : 0x80
    bytes[Self.tcp + 13] = flags.rawValue
    store(opens ? 64_240 : 502 as UInt16, at: Self.tcp + 14)
    store(0 as UInt32, at: Self.tcp + 16)
    var options = Self.tcp + 20
    if opens {
      // Maximum segment size 1460, SACK permitted; behind the timestamps, a window scale of 7.
      store(0x0204_05b4 as UInt32, at: options)
      store(0x0402_080a as UInt32, at: options + 4)
      store(0x0103_0307 as UInt32, at: options + 16)
      options += 8
    } else {
      store(0x0101_080a as UInt32, at: options)
      options += 4
    }
    store(source.lastTimestamp, at: options)
    store(destination.lastTimestamp, at: options + 4)
  }

  private mutating func writeChecksums(end: Int) {
    let (ip, tcp) = bytes.withUnsafeBytes { bytes in
      let addresses = Self.sum(bytes, 26..<34)
      let length = UInt64(UInt16(end - Self.tcp).bigEndian)
      let pseudoHeader = addresses + UInt64(UInt16(6).bigEndian) + length
      return (Self.sum(bytes, Self.ethernet..<Self.tcp), pseudoHeader + Self.sum(bytes, Self.tcp..<end))
    }
    store(UInt16(bigEndian: Self.complement(ip)), at: 24)
    store(UInt16(bigEndian: Self.complement(tcp)), at: Self.tcp + 16)
  }

  /// The sum of the 32-bit words of `bytes[range]` as they lie in memory: as good as that of 16-bit words (RFC 1071 §2).
  private static func sum(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64 {
    var sum: UInt64 = 0
    var position = range.lowerBound
    while range.upperBound - position >= 4 {
      sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      position += 4
    }
    if range.upperBound - position >= 2 {
      sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self))
      position += 2
    }
    if range.upperBound > position { sum &+= UInt64(UInt16(littleEndian: UInt16(bytes[position]))) }
    return sum
  }

  private static func complement(_ sum: UInt64) -> UInt16 {
    var folded = sum
    while folded >> 16 != 0 { folded = (folded & 0xffff) + (folded >> 16) }
    return ~UInt16(truncatingIfNeeded: folded)
  }

  private mutating func store<Value: FixedWidthInteger>(_ value: Value, at position: Int) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: Value.self) }
  }
}
