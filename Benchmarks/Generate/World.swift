/// What all connections share: chance, contents, the capture, and the count of what went into it.
struct World {
  var random: Random
  var tally = Tally()
  let trace: Trace
  /// Where compressed messages are written as well, if that is asked for.
  let messages: MessageFile?
  /// Where secrets are written, if that is asked for.
  let keys: KeyFile?
  var packet = PacketTemplate()
  /// Random bytes that binary contents are cut from.
  let noise: [UInt8]
  /// Where a message is put together.
  var scratch: [UInt8] = []
  /// Connections made so far, whether or not they have begun.
  var connectionsMade = 0
  /// Senders so far that compress.
  var deflatersMade = 0
  /// Whether the capture is large enough: connections end.
  var isEnding = false

  /// The longest content that is cut from `noise`, in bytes.
  static let longest = 1 << 18

  init(seed: UInt64, trace: Trace, messages: MessageFile?, keys: KeyFile?) {
    self.trace = trace
    self.messages = messages
    self.keys = keys
    random = Random(seed: seed)
    noise = random.bytes(1 << 20)
  }

  /// Where in `noise` the next content of `count` bytes, at most `longest`, is.
  mutating func cut(_ count: Int) -> Range<Int> {
    let start = random.below(noise.count - Self.longest)
    return start..<start + min(count, Self.longest)
  }
}

/// What went into the capture.
struct Tally {
  var tcpConnections = 0
  var webSocketConnections = 0
  /// Frames, control frames included.
  var frames = 0
  var messages = 0
  /// Payload bytes of all frames.
  var payloadBytes = 0
  /// Bytes of all messages, before compression.
  var messageBytes = 0
  /// TLS records of application data that can be decrypted.
  var records = 0
}
