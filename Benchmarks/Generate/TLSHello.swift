/// The records that TLS 1.3 begins with (RFC 8446 §4.1), for AES-128-GCM and X25519.
enum TLSHello {
  /// The record of a ClientHello with this random value, session identifier and key share.
  static func client(_ random: [UInt8], session: [UInt8], share: [UInt8]) -> [UInt8] {
    let name = Array("www.example.com".utf8)
    let serverName = sized(sized([0] + sized(name)))
    let extensions =
      [0, 0] + serverName + [0, 43, 0, 3, 2, 3, 4] + [0, 10, 0, 4, 0, 2, 0, 0x1d] + [0, 13, 0, 4, 0, 2, 4, 3]
      + [0, 51] + sized(sized([0, 0x1d] + sized(share)))
    let ciphers: [UInt8] = [0, 6, 0x13, 1, 0x13, 2, 0x13, 3]
    let hello = [3, 3] + random + [32] + session + ciphers + [1, 0] + sized(extensions)
    return [22, 3, 1] + sized([1, 0] + sized(hello))
  }

  /// The same of a ServerHello.
  static func server(_ random: [UInt8], session: [UInt8], share: [UInt8]) -> [UInt8] {
    let extensions = [0, 43, 0, 2, 3, 4, 0, 51] + sized([0, 0x1d] + sized(share))
    let hello = [3, 3] + random + [32] + session + [0x13, 1, 0] + sized(extensions)
    return [22, 3, 3] + sized([2, 0] + sized(hello))
  }

  /// `bytes` behind their length in two bytes.
  private static func sized(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
  }
}
