import Bytes

/// Tells MQTT 5 from 3.1.1 where the CONNECT was not captured: 5 has properties in nearly all packets.
enum MQTTGuess {
  /// Whether packets of this type are read differently in both.
  static func isNeeded(_ type: MQTTType) -> Bool {
    switch type {
    case .publish, .subscribe, .suback, .unsubscribe, .unsuback: true
    default: false
    }
  }

  /// Whether the packet with `header` can be one of MQTT 5, or of 3.1.1.
  static func fits(_ header: MQTTHeader, _ bytes: RawSpan, isFive: Bool) -> Bool {
    var cursor = MQTTCursor(min(header.count, bytes.byteCount)..<min(header.total, bytes.byteCount))
    if header.type == .publish { _ = cursor.string(bytes) }
    if header.type != .publish || header.flags & 0b0110 != 0 { _ = cursor.two(bytes) }
    if isFive {
      guard MQTTProperties.look(at: cursor, bytes, header.type).areSound, let length = cursor.number(bytes) else {
        return false
      }
      _ = cursor.take(length)
    }
    switch header.type {
    case .subscribe, .unsubscribe:
      guard !cursor.isAtEnd else { return false }
      while !cursor.isAtEnd {
        guard cursor.string(bytes).map({ !$0.isEmpty }) == true else { return false }
        if header.type == .unsubscribe { continue }
        guard let options = cursor.byte(bytes), options & (isFive ? 0xC0 : 0xFC) == 0 else { return false }
      }
    case .suback:
      guard !cursor.isAtEnd else { return false }
      for i in cursor.rest() where MQTTReasons.name(bytes.u8(i), .suback, isFive: isFive) == nil { return false }
    case .unsuback: return cursor.isAtEnd != isFive
    default: break
    }
    return !cursor.isShort
  }
}
