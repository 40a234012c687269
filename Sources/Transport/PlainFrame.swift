import Bytes

extension TCPSegment {
  /// Reads the usual frame in one step: Ethernet, IPv4 without options or fragments, TCP, all of it captured. Nil for
  /// anything else, which `PacketCursor` takes layer by layer.
  ///
  /// - Parameters:
  ///   - frame: the frame, at least 54 bytes: that bound is checked by the caller, once, for all fixed places below.
  ///   - offset: where the frame begins in the bytes that `payload` is to be a range of.
  @inline(__always)
  init?(plainFrame frame: RawSpan, at offset: Int) {
    guard let payload = Self.plainPayload(frame) else { return nil }
    let head = frame.extracting(Range(uncheckedBounds: (0, 54)))
    let (payloadStart, end) = (payload.lowerBound, payload.upperBound)
    let totalLength = end &- 14
    let sums = frame.withUnsafeBytes { bytes in
      let header = UnsafeRawBufferPointer(rebasing: bytes[Range(uncheckedBounds: (34, payloadStart))])
      let payload = UnsafeRawBufferPointer(rebasing: bytes[Range(uncheckedBounds: (payloadStart, end))])
      return (header: InternetChecksum.sum(header), payload: InternetChecksum.sum(payload))
    }
    let (source, destination) = (head.u32(26), head.u32(30))
    self.init(
      source: Endpoint(IPAddress(v4: source), port: head.u16(34)),
      destination: Endpoint(IPAddress(v4: destination), port: head.u16(36)),
      sequence: SequenceNumber(head.u32(38)), acknowledgment: SequenceNumber(head.u32(42)),
      flags: TCPFlags(rawValue: head.u8(47)),
      checksum: TCPChecksum(
        field: head.u16(50), pseudoHeader: UInt64(source) &+ UInt64(destination) &+ UInt64(IPProtocol.tcp),
        length: totalLength &- 20, headerSum: sums.header, payloadSum: sums.payload, datagramLength: totalLength),
      payloadSum: sums.payload, payload: Range(uncheckedBounds: (offset &+ payloadStart, offset &+ end)),
      payloadLength: end &- payloadStart)
  }

  /// Where the payload of such a frame lies; nil for anything else.
  @inline(__always)
  static func plainPayload(_ frame: RawSpan) -> Range<Int>? {
    guard frame.byteCount >= 54 else { return nil }
    let head = frame.extracting(Range(uncheckedBounds: (0, 54)))
    guard head.u16(12) == EtherType.ipv4, head.u8(14) == 0x45, head.u8(23) == IPProtocol.tcp,
      head.u16(20) & 0x3fff == 0
    else { return nil }
    let totalLength = Int(head.u16(16))
    let headerLength = Int(head.u8(46) >> 4) &* 4
    guard headerLength >= 20, totalLength >= 20 &+ headerLength, totalLength <= frame.byteCount &- 14 else {
      return nil
    }
    return Range(uncheckedBounds: (34 &+ headerLength, 14 &+ totalLength))
  }

  /// Whether a payload whose first bytes are `word` may begin with a request of HTTP: `GET ` or `POST`.
  @inline(__always)
  public static func beginsRequest(_ word: UInt32) -> Bool { word == 0x4745_5420 || word == 0x504F_5354 }

  /// Which of `count` shares the connection of such a frame belongs to, as `FlowKey.share` says it.
  @inline(__always)
  static func plainShare(_ frame: RawSpan, of count: Int) -> Int {
    let head = frame.extracting(Range(uncheckedBounds: (0, 54)))
    let source = UInt64(head.u32(26)) << 16 | UInt64(head.u16(34))
    let destination = UInt64(head.u32(30)) << 16 | UInt64(head.u16(36))
    return FlowKey.share(source, destination, of: count)
  }
}
