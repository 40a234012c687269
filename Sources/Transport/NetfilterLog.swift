import Bytes

extension PacketCursor {
  /// LINKTYPE_NFLOG: family, version, resource; then attributes, of which one is the packet from its IP header on.
  ///
  /// The attributes' lengths and types have the byte order of the capturing host, which the file does not tell: the
  /// order in which they lead to a packet is the right one.
  mutating func netfilterLog(_ bytes: RawSpan) -> Layer {
    guard has(4) else { return .nothing(.malformed) }
    guard bytes.u8(start + 1) == 0 else { return .nothing(.notIP) }
    guard let payload = netfilterPayload(bytes, .little) ?? netfilterPayload(bytes, .big) else {
      return .nothing(.malformed)
    }
    skip(payload.lowerBound - start)
    setLength(payload.count)
    return .ip
  }

  /// Where the attribute NFULA_PAYLOAD (9) has its value; it may reach past what was captured.
  private func netfilterPayload(_ bytes: RawSpan, _ order: ByteOrder) -> Range<Int>? {
    var at = start + 4
    while at + 4 <= end {
      let length = Int(bytes.load(at, order, as: UInt16.self))
      let type: UInt16 = bytes.load(at + 2, order)
      guard length >= 4 else { return nil }
      if type & 0x3fff == 9 { return at + 4..<at + length }
      at += (length + 3) & ~3
    }
    return nil
  }
}
