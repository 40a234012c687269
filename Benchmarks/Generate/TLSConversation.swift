/// What looks like TLS 1.3 (RFC 8446): a readable handshake, then records of random bytes.
final class TLSConversation: Conversation {
  private enum State { case clientHello, serverHello, finished, data }

  private var state = State.clientHello
  private var flightsLeft: Int
  private var speaker = Side.client
  private let session: [UInt8]

  init(_ random: inout Random) {
    flightsLeft = random.of(2...60)
    session = random.bytes(32)
  }

  func next(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    switch state {
    case .clientHello:
      appendClientHello(to: &bytes, &world)
      state = .serverHello
      return .send(.client)
    case .serverHello:
      appendServerHello(to: &bytes, &world)
      state = .finished
      return .send(.server)
    case .finished:
      bytes.append(contentsOf: Self.changeCipherSpec)
      appendRecord(69, to: &bytes, &world)
      state = .data
      return .send(.client)
    case .data:
      return appendData(to: &bytes, &world)
    }
  }

  private func appendData(to bytes: inout [UInt8], _ world: inout World) -> Turn {
    guard flightsLeft > 0, !world.isEnding else { return .hangUp(.client) }
    flightsLeft -= 1
    var rest = world.random.longTailed(from: 64, doublings: speaker == .client ? 3 : 10, onward: 0.65)
    while rest > 0 {
      appendRecord(min(rest, 16_384) + 17, to: &bytes, &world)
      rest -= 16_384
    }
    defer { speaker = speaker.other }
    return .send(speaker)
  }

  static let changeCipherSpec: [UInt8] = [20, 3, 3, 0, 1, 1]

  /// Appends a record of application data, or what is encrypted as such.
  private func appendRecord(_ length: Int, to bytes: inout [UInt8], _ world: inout World) {
    bytes.append(contentsOf: [23, 3, 3])
    bytes.appendBigEndian(UInt16(length))
    bytes.append(contentsOf: world.noise[world.cut(length)])
  }

  private func appendClientHello(to bytes: inout [UInt8], _ world: inout World) {
    let share = world.random.bytes(32)
    bytes.append(contentsOf: TLSHello.client(world.random.bytes(32), session: session, share: share))
  }

  private func appendServerHello(to bytes: inout [UInt8], _ world: inout World) {
    let share = world.random.bytes(32)
    bytes.append(contentsOf: TLSHello.server(world.random.bytes(32), session: session, share: share))
    bytes.append(contentsOf: Self.changeCipherSpec)
    appendRecord(world.random.of(2000...4000), to: &bytes, &world)
  }
}
