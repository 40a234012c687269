import Analysis
import TestSupport
import Transport
import WebSocket

/// Conversations that no well-meaning program has, each for the trouble that it is named after.
enum HostileConversations {
  /// All of them by name.
  static let all: [String: @Sendable () -> Conversation] = [
    "headers": headers, "target": target, "extensions": extensions, "frame compression": frameCompression,
    "refused": refused, "unanswered": unanswered, "no request": noRequest, "every opcode": everyOpcode,
    "close frames": closeFrames, "fragments": fragments, "text": text, "length of 2^64 - 1": hugeLength,
    "missing bytes": missingBytes, "damaged compression": damagedCompression, "IPv6": version6,
    "early flood": earlyFlood,
  ]

  /// Bytes that break naive JSON writers: quotes, controls, separators that JavaScript once took for line ends, a byte
  /// order mark, characters beyond the BMP, and a last byte that makes none of it UTF-8 if `isUTF8` is false.
  static func nasty(isUTF8: Bool) -> [UInt8] {
    let text =
      "\"\\/\u{1}\u{7}\u{8}\t\u{B}\u{C}\u{1F}\u{7F}\u{85}\u{2028}\u{2029}\u{FEFF}\u{FFFD}</script>😀e\u{301}\u{10FFFF}"
    return Array(text.utf8) + (isUTF8 ? [] : [0xFF])
  }

  // MARK: Handshakes

  @Sendable private static func headers() -> Conversation {
    var talk = Conversation()
    let lines = [
      Array("X-Text: ".utf8) + nasty(isUTF8: true), Array("X-Latin: ".utf8) + [0xE4, 0x22, 0xFF, 0x80],
      Array("X-Mixed: ".utf8) + nasty(isUTF8: false), Array("X-Null: a\0b".utf8), Array("X-Empty:".utf8),
      [0xC3, 0x28, 0x3A, 0x20, 0x31], Array(": no name".utf8), Array("no colon".utf8), Array("X-Empty: again".utf8),
      Array("X-Folded: one".utf8), Array(" two".utf8), Array("Sec-WebSocket-Protocol: \"a,b\", c\\d, ,e".utf8),
    ]
    talk.request(lines.flatMap { $0 + [0x0D, 0x0A] })
    talk.response(Array("Sec-WebSocket-Protocol: ".utf8) + nasty(isUTF8: true) + [0x0D, 0x0A])
    talk.finish()
    return talk
  }

  @Sendable private static func target() -> Conversation {
    var talk = Conversation()
    talk.request(target: Array("/\"\\".utf8) + [0x01, 0xE4, 0xFF, 0xE2, 0x80, 0xA8])
    talk.response()
    talk.finish()
    return talk
  }

  @Sendable private static func extensions() -> Conversation {
    var talk = Conversation()
    talk.handshake(
      offer:
        "Sec-WebSocket-Extensions: A; b; B=1; c=\"d\", permessage-deflate; client_max_window_bits, ;, \"q\\\"\"; \"\r\n",
      answer:
        "Sec-WebSocket-Extensions: mystery; x=\"1\"; x; y, mystery; z=2, permessage-deflate; server_max_window_bits=99\r\n"
    )
    talk.finish()
    return talk
  }

  @Sendable private static func frameCompression() -> Conversation {
    var talk = Conversation()
    talk.handshake(
      offer: "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n",
      answer: "Sec-WebSocket-Extensions: x-webkit-deflate-frame; no_context_takeover; max_window_bits=9\r\n")
    talk.frame(.server, .text, Deflated.hello, first: 0xC1)
    talk.finish()
    return talk
  }

  @Sendable private static func refused() -> Conversation {
    var talk = Conversation()
    talk.request()
    talk.send(.server, Array("HTTP/1.0 401\r\nContent-Length: 0\r\n\r\n".utf8))
    talk.request()
    talk.send(.server, Array("HTTP/1.1 400 \"Bad\"\r\nContent-Length: 0\r\n\r\n".utf8))
    talk.finish(.server)
    return talk
  }

  @Sendable private static func unanswered() -> Conversation {
    var talk = Conversation()
    talk.send(.client, Array("GET /a HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".utf8))
    talk.finish()
    return talk
  }

  @Sendable private static func noRequest() -> Conversation {
    var talk = Conversation()
    talk.lose(.client, 200)
    talk.response()
    talk.frame(.server, .text, Array("Who asked?".utf8))
    talk.frame(.client, .close, [])
    talk.frame(.server, .close, [])
    talk.finish()
    return talk
  }

  @Sendable private static func earlyFlood() -> Conversation {
    var talk = Conversation()
    talk.request()
    talk.send(.client, [UInt8](repeating: 0x82, count: 300_000))
    talk.finish()
    return talk
  }

  // MARK: Frames

  @Sendable private static func everyOpcode() -> Conversation {
    var talk = Conversation()
    talk.handshake()
    for first in stride(from: 0, through: 255, by: 1) where first % 16 != 8 {
      talk.frame(first % 2 == 0 ? .client : .server, .binary, [UInt8(first)], first: UInt8(first))
    }
    // A length that is not minimal, a client's frame without mask, a server's with one, a long control frame.
    talk.send(.server, [0x82, 0x7E, 0x00, 0x01, 0x21])
    talk.send(.client, [0x82, 0x01, 0x21])
    talk.send(.server, Conversation.frame(.client, .binary, [0x21]))
    talk.frame(.server, .ping, [UInt8](repeating: 0x70, count: 300))
    talk.finish()
    return talk
  }

  @Sendable private static func closeFrames() -> Conversation {
    var talk = Conversation()
    talk.handshake()
    let bodies: [[UInt8]] = [
      [], [3], [3, 232], [3, 233] + nasty(isUTF8: true), [3, 237] + nasty(isUTF8: false), [0, 0], [255, 255, 0xE4],
      [3, 232] + Array("grüße".utf8),
    ]
    for body in bodies {
      talk.frame(.client, .close, body)
      talk.frame(.server, .close, body, segment: 3)
    }
    talk.finish()
    return talk
  }

  @Sendable private static func fragments() -> Conversation {
    var talk = Conversation()
    talk.handshake()
    let snowman = Array("☃".utf8)
    talk.frame(.client, .text, Array(snowman[..<1]), first: 0x01)
    talk.frame(.client, .continuation, Array(snowman[1...]), first: 0x80)
    talk.frame(.client, .continuation, [1])
    talk.frame(.client, .text, [0x61], first: 0x01)
    talk.frame(.client, .ping, [0x62], first: 0x09)
    talk.frame(.client, .binary, [0x63], first: 0x02)
    talk.frame(.server, .binary, [], first: 0x02)
    return talk
  }

  @Sendable private static func text() -> Conversation {
    var talk = Conversation()
    talk.handshake()
    for text in [nasty(isUTF8: true), nasty(isUTF8: false), [], [0xED, 0xA0, 0x80], Array("täglich".utf8)] {
      talk.frame(.server, .text, text)
      talk.frame(.client, .text, text, segment: 5)
      talk.frame(.client, .binary, text)
    }
    talk.frame(.client, .close, [3, 232])
    talk.finish()
    return talk
  }

  @Sendable private static func hugeLength() -> Conversation {
    var talk = Conversation()
    talk.handshake()
    for sender in [Sender.client, .server] {
      let mask: UInt8 = sender == .client ? 0x80 : 0
      let header =
        [0x82, mask | 127] + [UInt8](repeating: 0xFF, count: 8) + [UInt8](repeating: 0, count: Int(mask / 32))
      talk.send(sender, header + [1, 2, 3])
    }
    talk.finish()
    return talk
  }

  // MARK: Missing and damaged bytes

  @Sendable private static func missingBytes() -> Conversation {
    var talk = Conversation()
    talk.handshake(
      offer: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
      answer: "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    let text = Conversation.frame(.server, .text, Array("one two three".utf8))
    talk.send(.server, Array(text[..<6]))
    talk.lose(.server, 4)
    talk.send(.server, Array(text[10...]))
    let compressed = Conversation.frame(.server, .text, Deflated.hello, first: 0xC1)
    talk.send(.server, Array(compressed[..<4]))
    talk.lose(.server, 2)
    talk.send(.server, Array(compressed[6...]))
    // Of this close frame, the code is what is missing: "by" must not pass for it.
    let close = Conversation.frame(.server, .close, [3, 232] + Array("bye-bye".utf8))
    talk.send(.server, Array(close[..<2]))
    talk.lose(.server, 2)
    talk.send(.server, Array(close[4...]))
    // And of this one, a header.
    talk.lose(.client, 9)
    talk.frame(.client, .text, Array("lost".utf8))
    talk.finish()
    return talk
  }

  @Sendable private static func damagedCompression() -> Conversation {
    var talk = Conversation()
    talk.handshake(
      offer: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
      answer: "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    talk.frame(.server, .text, Deflated.hello, first: 0xC1)
    talk.frame(.server, .text, [0xFF, 0xFF, 0xFF], first: 0xC1)
    talk.frame(.server, .binary, Deflated.hello, first: 0xC2)
    talk.frame(.client, .binary, Deflated.hello, first: 0x42)
    talk.frame(.client, .continuation, [], first: 0xC0)
    talk.finish()
    return talk
  }

  @Sendable private static func version6() -> Conversation {
    var talk = Conversation(client: PacketBuilder.client6, server: PacketBuilder.server6)
    talk.handshake()
    talk.frame(.client, .text, Array("six".utf8))
    talk.finish()
    return talk
  }
}

/// "Hello" as RFC 7692 §7.2.3.1 compresses it.
enum Deflated {
  static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
}
