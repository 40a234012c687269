/// What the codes in acknowledgements say.
enum MQTTReasons {
  /// The name of `code` in a packet of this type and version; nil if it has none.
  static func name(_ code: UInt8, _ type: MQTTType, isFive: Bool) -> StaticString? {
    if isFive { return five(code, type) }
    switch type {
    case .connack: return connectReturn(code)
    case .suback: return granted(code) ?? (code == 0x80 ? "Failure" : nil)
    default: return nil
    }
  }

  /// MQTT 3.1.1 §3.2.2.3.
  private static func connectReturn(_ code: UInt8) -> StaticString? {
    switch code {
    case 0: "Connection Accepted"
    case 1: "unacceptable protocol version"
    case 2: "identifier rejected"
    case 3: "Server unavailable"
    case 4: "bad user name or password"
    case 5: "not authorized"
    default: nil
    }
  }

  private static func granted(_ code: UInt8) -> StaticString? {
    switch code {
    case 0: "Granted QoS 0"
    case 1: "Granted QoS 1"
    case 2: "Granted QoS 2"
    default: nil
    }
  }

  /// MQTT 5 §2.4.
  private static func five(_ code: UInt8, _ type: MQTTType) -> StaticString? {
    switch code {
    case 0 where type == .disconnect: return "Normal disconnection"
    case 0...2 where type == .suback: return granted(code)
    case 0: return "Success"
    case 0x04: return "Disconnect with Will Message"
    case 0x10: return "No matching subscribers"
    case 0x11: return "No subscription existed"
    case 0x18: return "Continue authentication"
    case 0x19: return "Re-authenticate"
    case 0x80...0xA2: return errors[Int(code) - 0x80]
    default: return nil
    }
  }

  /// Whether MQTT 5 lets `code` stand in packets of this type (§2.4).
  static func mayStand(_ code: UInt8, _ type: MQTTType) -> Bool {
    switch type {
    case .connack:
      [0, 0x8C, 0x90, 0x95, 0x97, 0x99].contains(code) || (0x80...0x8A).contains(code)
        || (0x9A...0x9D).contains(code) || code == 0x9F
    case .puback, .pubrec: [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99].contains(code)
    case .pubrel, .pubcomp: [0, 0x92].contains(code)
    case .suback: [0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2].contains(code)
    case .unsuback: [0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91].contains(code)
    case .disconnect:
      [0, 4, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90].contains(code) || (0x80...0x83).contains(code)
        || (0x93...0xA2).contains(code)
    case .auth: [0, 0x18, 0x19].contains(code)
    default: false
    }
  }

  private static let errors: [StaticString] = [
    "Unspecified error", "Malformed Packet", "Protocol Error", "Implementation specific error",
    "Unsupported Protocol Version", "Client Identifier not valid", "Bad User Name or Password", "Not authorized",
    "Server unavailable", "Server busy", "Banned", "Server shutting down", "Bad authentication method",
    "Keep Alive timeout", "Session taken over", "Topic Filter invalid", "Topic Name invalid",
    "Packet Identifier in use", "Packet Identifier not found", "Receive Maximum exceeded", "Topic Alias invalid",
    "Packet too large", "Message rate too high", "Quota exceeded", "Administrative action", "Payload format invalid",
    "Retain not supported", "QoS not supported", "Use another server", "Server moved",
    "Shared Subscriptions not supported", "Connection rate exceeded", "Maximum connect time",
    "Subscription Identifiers not supported", "Wildcard Subscriptions not supported",
  ]
}
