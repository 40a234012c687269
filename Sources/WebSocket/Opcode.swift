/// What a frame's payload is (RFC 6455 §5.2, §11.8).
public struct Opcode: RawRepresentable, Hashable, Sendable {
  /// The four bits, 0 to 15.
  public var rawValue: UInt8

  /// The opcode in the low four bits of `rawValue`.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue & 0xF }

  /// More of the message that an earlier frame began.
  @inlinable public static var continuation: Opcode { Opcode(rawValue: 0) }
  /// A text message, or its first fragment.
  @inlinable public static var text: Opcode { Opcode(rawValue: 1) }
  /// A binary message, or its first fragment.
  @inlinable public static var binary: Opcode { Opcode(rawValue: 2) }
  /// Connection close.
  @inlinable public static var close: Opcode { Opcode(rawValue: 8) }
  /// Ping.
  @inlinable public static var ping: Opcode { Opcode(rawValue: 9) }
  /// Pong.
  @inlinable public static var pong: Opcode { Opcode(rawValue: 10) }

  /// Whether it names a control frame (§5.5), reserved ones included.
  @inlinable
  public var isControl: Bool { rawValue & 8 != 0 }

  /// Whether it has a meaning in RFC 6455.
  @inlinable
  public var isDefined: Bool { rawValue <= 2 || (8...10).contains(rawValue) }

  /// Whether it names a frame of a message: continuation, text or binary.
  @inlinable
  public var isMessage: Bool { rawValue <= 2 }

  /// The name in lower case: `text`, `ping` …, or `reserved-3`.
  public var name: StaticString {
    switch rawValue {
    case 0: "continuation"
    case 1: "text"
    case 2: "binary"
    case 3: "reserved-3"
    case 4: "reserved-4"
    case 5: "reserved-5"
    case 6: "reserved-6"
    case 7: "reserved-7"
    case 8: "close"
    case 9: "ping"
    case 10: "pong"
    case 11: "reserved-11"
    case 12: "reserved-12"
    case 13: "reserved-13"
    case 14: "reserved-14"
    default: "reserved-15"
    }
  }
}
