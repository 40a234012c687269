import Bytes

/// A header field that means something to a reader of opening handshakes; names are compared once, when a head is read.
public enum KnownField: UInt8, CaseIterable, Sendable {
  /// `Host` (RFC 9110 §7.2).
  case host
  /// `Upgrade` (RFC 9110 §7.8).
  case upgrade
  /// `Connection` (RFC 9110 §7.6.1).
  case connection
  /// `Sec-WebSocket-Key` (RFC 6455 §11.3.1).
  case key
  /// `Sec-WebSocket-Version` (RFC 6455 §11.3.5).
  case version
  /// `Sec-WebSocket-Accept` (RFC 6455 §11.3.3).
  case accept
  /// `Sec-WebSocket-Protocol` (RFC 6455 §11.3.4).
  case subprotocol
  /// `Sec-WebSocket-Extensions` (RFC 6455 §11.3.2).
  case extensions
  /// `Content-Length` (RFC 9110 §8.6).
  case contentLength
  /// `Transfer-Encoding` (RFC 9112 §6.1).
  case transferEncoding

  /// The field's name, in the usual spelling.
  public var name: StaticString {
    switch self {
    case .host: "Host"
    case .upgrade: "Upgrade"
    case .connection: "Connection"
    case .key: "Sec-WebSocket-Key"
    case .version: "Sec-WebSocket-Version"
    case .accept: "Sec-WebSocket-Accept"
    case .subprotocol: "Sec-WebSocket-Protocol"
    case .extensions: "Sec-WebSocket-Extensions"
    case .contentLength: "Content-Length"
    case .transferEncoding: "Transfer-Encoding"
    }
  }

  /// The field whose name stands at `range`, in any case; nil for any other.
  @inline(__always)
  init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    func named(_ field: KnownField, _ lowerCase: StaticString) -> KnownField? {
      bytes.isSame(range, lowerCase) ? field : nil
    }
    let field: KnownField? =
      switch range.count {
      case 4: named(.host, "host")
      case 7: named(.upgrade, "upgrade")
      case 10: named(.connection, "connection")
      case 14: named(.contentLength, "content-length")
      case 17: named(.key, "sec-websocket-key") ?? named(.transferEncoding, "transfer-encoding")
      case 20: named(.accept, "sec-websocket-accept")
      case 21: named(.version, "sec-websocket-version")
      case 22: named(.subprotocol, "sec-websocket-protocol")
      case 24: named(.extensions, "sec-websocket-extensions")
      default: nil
      }
    guard let field else { return nil }
    self = field
  }
}
