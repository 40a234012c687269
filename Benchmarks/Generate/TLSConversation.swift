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

  private static let changeCipherSpec: [UInt8] = [20, 3, 3, 0, 1, 1]

  /// Appends a record of application data, or what is encrypted as such.
  private func appendRecord(_ length: Int, to bytes: inout [UInt8], _ world: inout World) {
    bytes.append(contentsOf: [23, 3, 3])
    bytes.appendBigEndian(UInt16(length))
    bytes.append(contentsOf: world.noise[world.cut(length)])
  }

  private func appendClientHello(to bytes: inout [UInt8], _ world: inout World) {
    let name = Array("www.example.com".utf8)
    let serverName = Self.sized(Self.sized([0] + Self.sized(name)))
    let share = Self.sized(Self.sized([0, 0x1d] + Self.sized(world.random.bytes(32))))
    let extensions =
      [0, 0] + serverName + [0, 43, 0, 3, 2, 3, 4] + [0, 10, 0, 4, 0, 2, 0, 0x1d] + [0, 13, 0, 4, 0, 2, 4, 3]
      + [0, 51] + share
    let ciphers: [UInt8] = [0, 6, 0x13, 1, 0x13, 2, 0x13, 3]
    let hello = [3, 3] + world.random.bytes(32) + [32] + session + ciphers + [1, 0] + Self.sized(extensions)
    bytes.append(contentsOf: [22, 3, 1] + Self.sized([1, 0] + Self.sized(hello)))
  }

  private func appendServerHello(to bytes: inout [UInt8], _ world: inout World) {
    let extensions = [0, 43, 0, 2, 3, 4, 0, 51] + Self.sized([0, 0x1d] + Self.sized(world.random.bytes(32)))
    let hello = [3, 3] + world.random.bytes(32) + [32] + session + [0x13, 1, 0] + Self.sized(extensions)
    bytes.append(contentsOf: [22, 3, 3] + Self.sized([2, 0] + Self.sized(hello)) + Self.changeCipherSpec)
    appendRecord(world.random.of(2000...4000), to: &bytes, &world)
  }

  /// `bytes` behind their length in two bytes.
  private static func sized(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
  }
}
