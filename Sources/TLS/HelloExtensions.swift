import Bytes

/// Walks the extensions at the end of a handshake message (RFC 8446 §4.2).
struct HelloExtensions {
  /// The number of an extension in IANA's registry.
  enum Kind {
    static let serverName: UInt16 = 0
    static let applicationProtocols: UInt16 = 16
    static let encryptThenMAC: UInt16 = 22
    static let extendedMasterSecret: UInt16 = 23
    static let sessionTicket: UInt16 = 35
    static let preSharedKey: UInt16 = 41
    static let earlyData: UInt16 = 42
    static let supportedVersions: UInt16 = 43
    static let encryptedClientHello: UInt16 = 0xFE0D
  }

  private var cursor: MessageCursor

  /// The extensions that `cursor` stands before; none where the message ends there.
  init(_ cursor: inout MessageCursor, _ bytes: RawSpan) {
    self.cursor = MessageCursor(cursor.vector16(bytes) ?? 0..<0)
  }

  /// The next extension.
  mutating func next(_ bytes: RawSpan) -> (type: UInt16, data: Range<Int>)? {
    guard let type = cursor.u16(bytes), let data = cursor.vector16(bytes) else { return nil }
    return (type, data)
  }

  /// The names of application protocols (RFC 7301 §3.1).
  static func protocols(_ bytes: RawSpan, _ data: Range<Int>) -> [[UInt8]] {
    var outer = MessageCursor(data)
    guard let list = outer.vector16(bytes) else { return [] }
    var cursor = MessageCursor(list)
    var names: [[UInt8]] = []
    while let name = cursor.vector8(bytes) { names.append(bytes.copy(name)) }
    return names
  }

  /// The host name of a server (RFC 6066 §3).
  static func serverName(_ bytes: RawSpan, _ data: Range<Int>) -> [UInt8]? {
    var outer = MessageCursor(data)
    guard let list = outer.vector16(bytes) else { return nil }
    var cursor = MessageCursor(list)
    while let type = cursor.u8(bytes), let name = cursor.vector16(bytes) {
      if type == 0 { return bytes.copy(name) }
    }
    return nil
  }
}

extension RawSpan {
  /// A copy of the bytes in `range`.
  func copy(_ range: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    result.append(extracting(range))
    return result
  }
}
