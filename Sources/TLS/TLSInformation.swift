/// What the handshake of a TLS connection says of it, as far as it was seen.
public struct TLSInformation: Equatable, Sendable {
  /// The version; nil without a ServerHello.
  public var version: TLSVersion?
  /// The cipher suite; nil without a ServerHello.
  public var suite: CipherSuite?
  /// SNI: the host that the client asked for.
  public var serverName: String?
  /// ALPN: the protocols that the client offered.
  public var offeredProtocols: [String] = []
  /// ALPN: the one that the server chose; nil if it chose none, or if that was not seen.
  public var chosenProtocol: String?
  /// Whether an earlier session was resumed; nil where that was not seen.
  public var isResumed: Bool?
  /// The server's certificate; nil where it was not seen.
  public var certificate: ServerCertificate?
  /// Whether the ClientHello holds another, encrypted one (ECH), so that the name may not be the real one.
  public var hasEncryptedHello = false
  /// Why something of it is not decrypted: the first reason of the client's direction, else of the server's; nil if all was.
  public var obstacle: TLSObstacle?
  /// Number of the packet that completed the first record that was not authentic, where the reason is such a record. Who
  /// knows packets sets it.
  public var failurePacket: UInt64?
  /// The reason why something is not decrypted, in words; nil if there is none.
  public var explanation: String? {
    guard let obstacle else { return nil }
    switch obstacle {
    case .badRecords: return obstacle.description + (failurePacket.map { ", the first in packet \($0)" } ?? "")
    case .gap: return obstacle.description + (failurePacket.map { ", up to packet \($0)" } ?? "")
    default: return obstacle.description
    }
  }
  /// Whether application data was decrypted.
  public var hasData = false

  /// Nothing is known.
  public init() {}
}
