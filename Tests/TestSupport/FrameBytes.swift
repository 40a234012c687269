import WebSocket

/// The bytes of a frame (RFC 6455 §5.2), masked if there is a key. Without `form`, the length is written as short as it can be.
///
/// - Parameter first: the first byte: FIN, RSV1 to RSV3, opcode.
public func frameBytes(_ first: UInt8, _ payload: [UInt8], mask: UInt32? = nil, form: LengthForm? = nil) -> [UInt8] {
  let maskBit: UInt8 = mask == nil ? 0 : 0x80
  var bytes = [first]
  switch form ?? (payload.count < 126 ? .seven : payload.count < 65_536 ? .sixteen : .sixtyFour) {
  case .seven: bytes.append(maskBit | UInt8(payload.count))
  case .sixteen: bytes += [maskBit | 126] + bigEndian(UInt64(payload.count), 2)
  case .sixtyFour: bytes += [maskBit | 127] + bigEndian(UInt64(payload.count), 8)
  }
  guard let mask else { return bytes + payload }
  return bytes + bigEndian(UInt64(mask), 4) + masking(payload, mask)
}

/// `payload` masked, or unmasked, with `key` (RFC 6455 §5.3), a byte at a time; `phase` bytes came before.
public func masking(_ payload: [UInt8], _ key: UInt32, from phase: Int = 0) -> [UInt8] {
  let octets = bigEndian(UInt64(key), 4)
  return payload.enumerated().map { $1 ^ octets[(phase + $0) & 3] }
}

/// The lowest `count` bytes of `value` in network byte order.
public func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
}
