/// Another conversation inside TLS 1.3 with AES-128-GCM, whose secrets go into the key log.
final class SecureConversation: Conversation {
  private enum State { case clientHello, serverHello, finished, data }

  private let inner: any Conversation
  private var state = State.clientHello
  private let session: [UInt8]
  private var plain: [UInt8] = []
  // Of the client and of the server.
  private let handshake: [RecordSealer]
  private let traffic: [RecordSealer]
  private let keys: (random: [UInt8], secrets: [(label: String, secret: [UInt8])])

  init(_ inner: any Conversation, _ random: inout Random) {
    self.inner = inner
    session = random.bytes(32)
    var secrets: [(label: String, secret: [UInt8])] = []
    for label in ["HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0"] {
      for side in ["CLIENT", "SERVER"] { secrets.append(("\(side)_\(label)", random.bytes(32))) }
    }
    keys = (random.bytes(32), secrets)
    handshake = [RecordSealer(secrets[0].secret), RecordSealer(secrets[1].secret)]
    traffic = [RecordSealer(secrets[2].secret), RecordSealer(secrets[3].secret)]
  }

  func next(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    switch state {
    case .clientHello:
      world.keys?.append(keys.random, keys.secrets)
      bytes.append(contentsOf: TLSHello.client(keys.random, session: session, share: world.random.bytes(32)))
      state = .serverHello
      return .send(.client)
    case .serverHello:
      let share = world.random.bytes(32)
      bytes.append(contentsOf: TLSHello.server(world.random.bytes(32), session: session, share: share))
      bytes.append(contentsOf: TLSConversation.changeCipherSpec)
      // EncryptedExtensions without any, and Finished. Who only listens cannot tell whether the latter is right.
      let messages: [UInt8] = [8, 0, 0, 2, 0, 0, 20, 0, 0, 32] + world.random.bytes(32)
      handshake[1].append(22, messages[...], to: &bytes)
      state = .finished
      return .send(.server)
    case .finished:
      bytes.append(contentsOf: TLSConversation.changeCipherSpec)
      handshake[0].append(22, ([20, 0, 0, 32] + world.random.bytes(32))[...], to: &bytes)
      state = .data
      return .send(.client)
    case .data:
      plain.removeAll(keepingCapacity: true)
      let turn = inner.next(&plain, &world)
      if case .send(let side) = turn {
        traffic[side == .client ? 0 : 1].append(23, plain[...], to: &bytes)
        world.tally.records += (plain.count + RecordSealer.longest - 1) / RecordSealer.longest
      }
      return turn
    }
  }
}

/// The key log of a capture (RFC 9850).
final class KeyFile {
  private let file: BufferedFile

  /// A new file at `path`.
  init(_ path: String) throws(GenerateError) { file = try BufferedFile(path) }

  /// Appends the secrets of the connection with this client random.
  func append(_ random: [UInt8], _ secrets: [(label: String, secret: [UInt8])]) {
    for (label, secret) in secrets {
      file.add { $0.append(contentsOf: "\(label) \(Self.hex(random)) \(Self.hex(secret))\n".utf8) }
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Writes what is left. Throws if anything could not be written.
  func finish() throws(GenerateError) { try file.finish() }
}
