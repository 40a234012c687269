import Bytes

/// The types of MQTT's packets (MQTT 5 §2.1.2).
enum MQTTType: UInt8 {
  case connect = 1
  case connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback, pingreq, pingresp
  case disconnect, auth

  /// Its name in the specification.
  var name: StaticString {
    switch self {
    case .connect: "CONNECT"
    case .connack: "CONNACK"
    case .publish: "PUBLISH"
    case .puback: "PUBACK"
    case .pubrec: "PUBREC"
    case .pubrel: "PUBREL"
    case .pubcomp: "PUBCOMP"
    case .subscribe: "SUBSCRIBE"
    case .suback: "SUBACK"
    case .unsubscribe: "UNSUBSCRIBE"
    case .unsuback: "UNSUBACK"
    case .pingreq: "PINGREQ"
    case .pingresp: "PINGRESP"
    case .disconnect: "DISCONNECT"
    case .auth: "AUTH"
    }
  }

  /// Whether the client sends such packets, or the server; nil if both do.
  var sender: Bool? {
    switch self {
    case .connect, .subscribe, .unsubscribe, .pingreq: true
    case .connack, .suback, .unsuback, .pingresp: false
    default: nil
    }
  }

  /// The flags that its packets have (§2.1.3); nil for PUBLISH, where they say more.
  var flags: UInt8? {
    switch self {
    case .publish: nil
    case .pubrel, .subscribe, .unsubscribe: 0b0010
    default: 0
    }
  }
}

/// The fixed header of a packet (MQTT 5 §2.1).
struct MQTTHeader {
  /// What became of reading one.
  enum Outcome {
    case header(MQTTHeader)
    /// More bytes are needed.
    case unfinished
    /// There is no such type, or its length has more than four bytes.
    case malformed
  }

  var type: MQTTType
  var flags: UInt8
  /// Its own bytes.
  var count: Int
  /// Bytes that follow it, at most 268,435,455.
  var remaining: Int

  /// Bytes of the packet.
  var total: Int { count + remaining }

  /// The header at the beginning of `bytes`.
  static func read(_ bytes: RawSpan) -> Outcome {
    guard bytes.byteCount > 0 else { return .unfinished }
    guard let type = MQTTType(rawValue: bytes.u8(0) >> 4) else { return .malformed }
    var remaining = 0
    for i in 1...4 {
      guard i < bytes.byteCount else { return .unfinished }
      let byte = bytes.u8(i)
      remaining |= Int(byte & 0x7F) << (7 * (i - 1))
      if byte < 0x80 {
        return .header(MQTTHeader(type: type, flags: bytes.u8(0) & 0x0F, count: i + 1, remaining: remaining))
      }
    }
    return .malformed
  }

  /// Whether its length could have been written with fewer bytes (MQTT 5 §1.5.5).
  var isLengthPadded: Bool { count > 2 && remaining < 1 << (7 * (count - 2)) }
}

/// The packets of one end, to which messages are no boundaries (MQTT 5 §6, 3.1.1 §6).
final class MQTTStream {
  /// What comes next in a message.
  enum Event {
    /// A packet, whose bytes are those of `range` in the message, or those that are held where that is nil.
    case packet(MQTTHeader, range: Range<Int>?)
    /// A packet that is not over.
    case unfinished(Range<Int>?)
    /// No packet.
    case malformed
    /// Nothing.
    case end
  }

  /// Bytes that are kept of a packet that is too large to be held: as many as its topic and properties need, mostly.
  static let mostOfLarge = 1 << 17

  /// The packet that is not over; of one that is too large, its beginning.
  private(set) var held: HeldUnit
  /// Bytes of it that have not come yet, if it is too large to be held.
  private var left: Int?
  /// Whether a part of the stream is not known, so that a message need not begin with a packet.
  var isLost = false

  /// Whether not all of the packet is held.
  var isCut: Bool { left != nil }

  init(_ memory: ViewMemory) { held = HeldUnit(memory) }

  /// A part of the stream is missing: the packet that is held will not be ended.
  func lose() {
    removeHeld()
    isLost = true
  }

  /// Forgets the packet that is held.
  func removeHeld() {
    held.removeAll()
    left = nil
  }

  /// The next event in `content` from `position` on, of the message `number`.
  func next(_ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Event {
    if !held.isEmpty { return resume(content, &position, number) }
    guard position < content.byteCount else { return .end }
    let rest = position..<content.byteCount
    switch MQTTHeader.read(content.extracting(rest)) {
    case .malformed: return .malformed
    case .header(let header) where header.total <= rest.count:
      position += header.total
      return .packet(header, range: rest.lowerBound..<position)
    case .header, .unfinished:
      position = content.byteCount
      return .unfinished(rest)
    }
  }

  /// Keeps the beginning of a packet for the messages to come.
  func hold(_ content: RawSpan, _ range: Range<Int>, _ number: UInt64) {
    if held.append(content, range, from: number) { return }
    guard case .header(let header) = MQTTHeader.read(content.extracting(range)) else { return isLost = true }
    let kept = range.lowerBound..<range.lowerBound + min(range.count, Self.mostOfLarge)
    guard held.append(content, kept, from: number) else { return isLost = true }
    left = header.total - range.count
  }

  private func resume(_ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Event {
    while true {
      let outcome = MQTTHeader.read(held.bytes.span.bytes)
      guard case .header(let header) = outcome else {
        if case .malformed = outcome { return .malformed }
        guard position < content.byteCount else { return .unfinished(nil) }
        guard take(1, content, &position, number) else { return lose(content, &position) }
        continue
      }
      let missing = left ?? header.total - held.bytes.count
      let count = min(missing, content.byteCount - position)
      if left == nil, held.bytes.count + count > ViewMemory.mostOfUnit {
        held.keepFirst(Self.mostOfLarge)
        left = missing
      }
      if left != nil {
        left = missing - count
        position += count
      } else if !take(count, content, &position, number) {
        return lose(content, &position)
      }
      return count == missing ? .packet(header, range: nil) : .unfinished(nil)
    }
  }

  private func take(_ count: Int, _ content: RawSpan, _ position: inout Int, _ number: UInt64) -> Bool {
    guard held.append(content, position..<position + count, from: number) else { return false }
    position += count
    return true
  }

  private func lose(_ content: RawSpan, _ position: inout Int) -> Event {
    isLost = true
    position = content.byteCount
    return .unfinished(nil)
  }

  /// Whether `content` is nothing but whole packets with sound headers.
  static func holdsPackets(_ content: RawSpan) -> Bool {
    var position = 0
    while position < content.byteCount {
      guard case .header(let header) = MQTTHeader.read(content.extracting(position..<content.byteCount)),
        header.total <= content.byteCount - position, header.type.flags ?? header.flags == header.flags,
        header.flags & 0b0110 != 0b0110
      else { return false }
      position += header.total
    }
    return content.byteCount > 0
  }
}
