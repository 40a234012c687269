import Bytes

/// What is said over a WebSocket.
struct MessageStyle {
  enum Content {
    /// JSON of 20 to 300 bytes, now and then as many random bytes.
    case small
    /// 1 KiB to 256 KiB of random bytes.
    case large
  }

  var content = Content.small
  /// Whether permessage-deflate is in use (RFC 7692).
  var isCompressed = false
  /// How many frames are sent before the closing handshake; nil: until the capture is large enough.
  var frames: Int?
  /// Whether the connection is never closed.
  var fallsSilent = false
}

/// A WebSocket connection: opening handshake, messages, closing handshake.
final class WebSocketConversation: Conversation {
  private enum State {
    case request, response, open
    case closing(Side), closed(Side)
  }

  private let style: MessageStyle
  private let handshake: OpeningHandshake
  private var state = State.request
  private var speaker = Side.client
  private var framesLeft: Int
  /// The payload of a ping that `speaker` has to answer.
  private var unansweredPing: [UInt8]?
  private var clientDeflater: Deflater?
  private var serverDeflater: Deflater?

  init(_ style: MessageStyle, _ random: inout Random) {
    self.style = style
    handshake = OpeningHandshake(compression: style.isCompressed, &random)
    framesLeft = style.frames ?? .max
  }

  func next(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    switch state {
    case .request:
      bytes.append(contentsOf: handshake.request.utf8)
      state = .response
      return .send(.client)
    case .response:
      world.tally.webSocketConnections += 1
      bytes.append(contentsOf: handshake.response.utf8)
      state = .open
      return .send(.server)
    case .open:
      if framesLeft == 0, style.fallsSilent { return .fallSilent }
      return framesLeft == 0 || world.isEnding ? close(&bytes, &world) : speak(&bytes, &world)
    case .closing(let first):
      appendClose(to: &bytes, from: first.other, &world)
      state = .closed(first)
      return .send(first.other)
    case .closed:
      // The server closes the TCP connection first (RFC 6455 §7.1.1).
      return .hangUp(.server)
    }
  }

  private func close(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    let first: Side = world.random.happens(0.5) ? .client : .server
    appendClose(to: &bytes, from: first, &world)
    state = .closing(first)
    return .send(first)
  }

  private func appendClose(to bytes: inout [UInt8], from side: Side, _ world: inout World) {
    append(FrameStart.final | FrameStart.close, [0x03, 0xe8] + Array("bye".utf8), from: side, to: &bytes, &world)
  }

  /// Appends what the next speaker says at once.
  private func speak(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    if unansweredPing != nil || world.random.happens(0.95) { speaker = speaker.other }
    if let ping = unansweredPing {
      append(FrameStart.final | FrameStart.pong, ping, from: speaker, to: &bytes, &world)
      unansweredPing = nil
    } else if world.random.happens(0.005) {
      let ping = world.random.bytes(4)
      append(FrameStart.final | FrameStart.ping, ping, from: speaker, to: &bytes, &world)
      unansweredPing = ping
    } else {
      appendMessage(to: &bytes, &world)
      if framesLeft > 0, style.content == .small, world.random.happens(0.22) { appendMessage(to: &bytes, &world) }
    }
    return .send(speaker)
  }

  private func appendMessage(to bytes: inout [UInt8], _ world: inout World) {
    world.tally.messages += 1
    switch style.content {
    case .small: appendSmall(to: &bytes, &world)
    case .large: appendLarge(to: &bytes, &world)
    }
  }

  private func appendSmall(to bytes: inout [UInt8], _ world: inout World) {
    var message: [UInt8] = []
    swap(&message, &world.scratch)
    message.removeAll(keepingCapacity: true)
    var opcode = FrameStart.text
    if world.random.happens(0.03) {
      opcode = FrameStart.binary
      let range = world.cut(world.random.oftenSmall(20...300))
      message.append(contentsOf: world.noise[range])
    } else {
      JSONText.append(to: &message, &world.random)
    }
    world.tally.messageBytes += message.count
    if style.isCompressed {
      let deflater = self.deflater(&world)
      deflater.compress(&message)
      world.messages?.append(message, stream: deflater.number)
      opcode |= FrameStart.compressed
    }
    // Not with compression: tshark inflates no fragmented messages, and the comparison would be unfair.
    let isCut = !style.isCompressed && framesLeft > 1 && world.random.happens(0.01)
    let pieces = isCut ? [world.random.below(message.count), message.count] : [message.count]
    appendFragments(opcode, message, 0, ends: pieces, to: &bytes, &world)
    swap(&message, &world.scratch)
  }

  /// What compresses the messages of `speaker`.
  private func deflater(_ world: inout World) -> Deflater {
    if let deflater = speaker == .client ? clientDeflater : serverDeflater { return deflater }
    let deflater = Deflater(number: world.deflatersMade)
    world.deflatersMade += 1
    if speaker == .client { clientDeflater = deflater } else { serverDeflater = deflater }
    return deflater
  }

  private func appendLarge(to bytes: inout [UInt8], _ world: inout World) {
    let length = world.random.longTailed(from: 1024, doublings: 7, onward: 0.55)
    let range = world.cut(length)
    world.tally.messageBytes += range.count
    // Some programs send what is long in fragments.
    let fragment = length > 65_536 && world.random.happens(0.5) ? 32_768 : length
    let ends = Array(stride(from: range.lowerBound + fragment, to: range.upperBound, by: fragment)) + [range.upperBound]
    appendFragments(FrameStart.binary, world.noise, range.lowerBound, ends: ends, to: &bytes, &world)
  }

  /// Appends a message that is `contents` from `start` on, in frames that end at `ends`.
  private func appendFragments(
    _ firstByte: UInt8, _ contents: [UInt8], _ start: Int, ends: [Int], to bytes: inout [UInt8], _ world: inout World
  ) {
    var position = start
    for (number, end) in ends.enumerated() {
      let isLast = number == ends.count - 1
      let head = (number == 0 ? firstByte : FrameStart.continuation) | (isLast ? FrameStart.final : 0)
      append(head, contents, position..<end, from: speaker, to: &bytes, &world)
      position = end
    }
  }

  /// Appends a frame whose payload is `contents[range]`, or all of them.
  private func append(
    _ firstByte: UInt8, _ contents: [UInt8], _ range: Range<Int>? = nil, from side: Side, to bytes: inout [UInt8],
    _ world: inout World
  ) {
    let payload = range ?? 0..<contents.count
    world.tally.frames += 1
    world.tally.payloadBytes += payload.count
    framesLeft -= 1
    bytes.appendFrame(
      firstByte, contents.span.bytes.extracting(payload), maskingKey: side == .client ? world.random.word() : nil)
  }
}
