import Bytes

/// The type of a handshake message (RFC 8446 §4, RFC 5246 §7.4).
struct HandshakeType: RawRepresentable, Equatable {
  let rawValue: UInt8

  static let helloRequest = HandshakeType(rawValue: 0)
  static let clientHello = HandshakeType(rawValue: 1)
  static let serverHello = HandshakeType(rawValue: 2)
  static let newSessionTicket = HandshakeType(rawValue: 4)
  static let endOfEarlyData = HandshakeType(rawValue: 5)
  static let encryptedExtensions = HandshakeType(rawValue: 8)
  static let certificate = HandshakeType(rawValue: 11)
  static let serverHelloDone = HandshakeType(rawValue: 14)
  static let clientKeyExchange = HandshakeType(rawValue: 16)
  static let finished = HandshakeType(rawValue: 20)
  static let keyUpdate = HandshakeType(rawValue: 24)

  /// Whether it has a meaning: 254 is the message hash, which is never sent.
  var isDefined: Bool { rawValue <= 25 || rawValue == 67 }
}

/// A handshake message.
struct HandshakeMessage: Equatable {
  var type: HandshakeType
  /// Its header, of four bytes, and its body; nil where it was too long to be kept.
  var bytes: [UInt8]?
}

/// Puts handshake messages together, which records hold in parts or several at once (RFC 8446 §5.1).
struct HandshakeMessages: Equatable {
  /// Bytes of a message that are kept at most. 128 KiB: chains of certificates stay below; those that are longer are passed
  /// over.
  static let limit = 128 << 10

  private var bytes: [UInt8] = []
  /// Bytes of a message that is too long, still to come.
  private var skipping = 0

  /// Whether a message is there in part.
  var isInsideMessage: Bool { !bytes.isEmpty || skipping > 0 }

  /// Bytes of memory that it takes, about.
  var heldBytes: Int { bytes.capacity }

  /// The message that `content` completes from `position` on; nil when all of it is taken.
  mutating func next(_ content: RawSpan, _ position: inout Int) -> HandshakeMessage? {
    while position < content.byteCount {
      if skipping > 0 {
        let step = min(skipping, content.byteCount - position)
        skipping -= step
        position += step
        continue
      }
      let wanted = bytes.count < 4 ? 4 : 4 + length
      let step = min(wanted - bytes.count, content.byteCount - position)
      bytes.append(content.extracting(position..<position + step))
      position += step
      guard bytes.count >= 4 else { return nil }
      let type = HandshakeType(rawValue: bytes[0])
      if length > Self.limit {
        skipping = length - (bytes.count - 4)
        bytes = []
        return HandshakeMessage(type: type, bytes: nil)
      }
      guard bytes.count == 4 + length else { continue }
      defer { bytes = [] }
      return HandshakeMessage(type: type, bytes: bytes)
    }
    return nil
  }

  /// Forgets the message in progress: bytes are missing.
  mutating func reset() {
    bytes = []
    skipping = 0
  }

  /// What the header says, once it is there.
  private var length: Int { Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3]) }
}
