/// How the messages of one direction are compressed.
public struct DirectionCompression: Equatable, Sendable {
  /// Whether the window is empty at the start of each message (or frame).
  public var isWithoutContextTakeover: Bool
  /// Base-2 logarithm of the size in bytes of the window that the sender may use, 8 to 15.
  public var windowBits: Int { Int(bits) }
  /// Whether each frame is compressed by itself, as the older `deflate-frame` does, and not each message.
  public var isPerFrame: Bool
  /// In a byte, as each connection keeps it.
  private let bits: UInt8

  init(isWithoutContextTakeover: Bool, windowBits: Int, isPerFrame: Bool) {
    self.isWithoutContextTakeover = isWithoutContextTakeover
    self.isPerFrame = isPerFrame
    bits = UInt8(clamping: windowBits)
  }
}

/// A compression extension in use, as the server's response says.
public enum Compression: Equatable, Sendable {
  /// `permessage-deflate` (RFC 7692 §7.1).
  case perMessageDeflate(
    serverNoContextTakeover: Bool, clientNoContextTakeover: Bool, serverMaxWindowBits: Int, clientMaxWindowBits: Int)
  /// `deflate-frame` or `x-webkit-deflate-frame` (draft-tyoshino-hybi-websocket-perframe-deflate-06 §4). Who sends a
  /// parameter asks it of the other end: these are for what the client sends.
  case deflateFrame(noContextTakeover: Bool, maxWindowBits: Int)

  /// The compression that `element` of the server's response names; nil if it names another extension. Parameters with
  /// values that are not allowed count as absent.
  public init?(_ element: ExtensionElement) {
    func bits(_ name: String) -> Int { element.windowBits(name) ?? 15 }
    func has(_ name: String) -> Bool { element.parameter(name) != nil }
    switch element.name {
    case "permessage-deflate":
      self = .perMessageDeflate(
        serverNoContextTakeover: has("server_no_context_takeover"),
        clientNoContextTakeover: has("client_no_context_takeover"),
        serverMaxWindowBits: bits("server_max_window_bits"), clientMaxWindowBits: bits("client_max_window_bits"))
    case "deflate-frame", "x-webkit-deflate-frame":
      self = .deflateFrame(noContextTakeover: has("no_context_takeover"), maxWindowBits: bits("max_window_bits"))
    default:
      return nil
    }
  }

  /// What is taken as agreed upon where no handshake was seen: frames with RSV1 are inflated, others pass.
  public static let assumed = Compression.perMessageDeflate(
    serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 15, clientMaxWindowBits: 15)

  /// How the messages of the client, or of the server, are compressed.
  public func direction(ofClient isClient: Bool) -> DirectionCompression {
    switch self {
    case .perMessageDeflate(let server, let client, let serverBits, let clientBits):
      DirectionCompression(
        isWithoutContextTakeover: isClient ? client : server, windowBits: isClient ? clientBits : serverBits,
        isPerFrame: false)
    case .deflateFrame(let none, let bits):
      DirectionCompression(
        isWithoutContextTakeover: isClient && none, windowBits: isClient ? bits : 15, isPerFrame: true)
    }
  }
}
