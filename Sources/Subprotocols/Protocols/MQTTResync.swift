import Bytes

/// Finds where packets begin again after a part of the stream was lost: messages need not begin with one, and bytes from the middle of a
/// payload may look like a header.
enum MQTTResync {
  /// Whether `content` is nothing but packets that make sense; of those of a message that is cut, the last may break off.
  static func holdsPackets(
    _ content: RawSpan, isCut: Bool, _ connection: MQTTConnection, fromClient: Bool
  ) -> Bool {
    var position = 0
    var count = 0
    while position < content.byteCount {
      let rest = content.extracting(position..<content.byteCount)
      guard case .header(let header) = MQTTHeader.read(rest) else { return isCut && count > 0 }
      let isOver = header.total <= rest.byteCount
      guard isOver || isCut, isLikely(header, rest, connection, fromClient) else { return false }
      count += 1
      if !isOver { return true }
      position += header.total
    }
    return count > 0
  }

  private static func isLikely(
    _ header: MQTTHeader, _ bytes: RawSpan, _ connection: MQTTConnection, _ fromClient: Bool
  ) -> Bool {
    guard header.type.flags ?? header.flags == header.flags, header.flags & 0b0110 != 0b0110 else { return false }
    if connection.hasConnect, header.type.sender.map({ $0 == fromClient }) == false { return false }
    let mayBeFive = connection.version == nil || connection.version == .v5
    switch header.type {
    case .connect: return MQTTRecognition.beginsConnection(header, bytes)
    case .pingreq, .pingresp: return header.remaining == 0
    case .connack:
      guard mayBeFive ? header.remaining >= 2 : header.remaining == 2 else { return false }
      return header.count < bytes.byteCount && bytes.u8(header.count) <= 1
    case .puback, .pubrec, .pubrel, .pubcomp: return isAcknowledgement(header, bytes, mayBeFive)
    case .disconnect, .auth:
      if header.remaining == 0 { return true }
      return mayBeFive && isReason(header, bytes, at: header.count)
    case .publish, .subscribe, .suback, .unsubscribe, .unsuback:
      return isContent(header, bytes, connection.version)
    }
  }

  private static func isAcknowledgement(_ header: MQTTHeader, _ bytes: RawSpan, _ mayBeFive: Bool) -> Bool {
    guard header.remaining >= 2, header.count + 2 <= bytes.byteCount, bytes.u16(header.count) > 0 else { return false }
    return header.remaining == 2 || mayBeFive && isReason(header, bytes, at: header.count + 2)
  }

  /// Whether a reason code stands at `position`, and sound properties, or nothing, behind it.
  private static func isReason(_ header: MQTTHeader, _ bytes: RawSpan, at position: Int) -> Bool {
    guard position < bytes.byteCount, MQTTReasons.mayStand(bytes.u8(position), header.type) else { return false }
    guard position + 1 < header.total, header.total <= bytes.byteCount else { return true }
    let cursor = MQTTCursor(position + 1..<header.total)
    return MQTTProperties.look(at: cursor, bytes, header.type).areSound
  }

  private static func isContent(_ header: MQTTHeader, _ bytes: RawSpan, _ version: MQTTConnection.Version?) -> Bool {
    let end = min(header.total, bytes.byteCount)
    var cursor = MQTTCursor(min(header.count, end)..<end)
    if header.type == .publish {
      guard let topic = cursor.string(bytes), MQTTRecognition.isTopic(bytes, topic) else { return false }
      if topic.isEmpty, version != nil, version != .v5 { return false }
      for i in topic where bytes.u8(i) == UInt8(ascii: "#") || bytes.u8(i) == UInt8(ascii: "+") { return false }
    }
    if header.type != .publish || header.flags & 0b0110 != 0 {
      guard let id = cursor.two(bytes), id > 0 else { return false }
    }
    if header.total > bytes.byteCount { return true }
    if version != .v5, MQTTGuess.fits(header, bytes, isFive: false) { return true }
    return (version == nil || version == .v5) && MQTTGuess.fits(header, bytes, isFive: true)
  }
}
