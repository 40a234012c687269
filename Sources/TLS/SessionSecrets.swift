import Bytes

/// Secrets of one connection, to be written into a capture (RFC 9850). It has no description, and is not printed.
public struct SessionSecrets: Sendable {
  let random: ClientRandom
  let secrets: [(label: KeyLogLabel, secret: Secret)]

  /// Appends them to `text`, as lines of a key log. Whoever asks for that sees to it that `text` is overwritten after use.
  public func append(to text: inout [UInt8]) {
    for (label, secret) in secrets {
      // Never grows with secrets in it, so that no copy stays behind.
      let length = label.rawValue.utf8.count + 2 * ClientRandom.length + 2 * secret.count + 3
      if text.capacity - text.count < length {
        var larger: [UInt8] = []
        larger.reserveCapacity(max(2 * text.count + length, 2048))
        larger += text
        wipe(&text)
        text = larger
      }
      text += label.rawValue.utf8
      text.append(0x20)
      for byte in random.bytes { Self.appendHex(byte, &text) }
      text.append(0x20)
      secret.withBytes { for byte in $0 { Self.appendHex(byte, &text) } }
      text.append(0x0A)
    }
  }

  private static func appendHex(_ byte: UInt8, _ text: inout [UInt8]) {
    for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
  }

  /// Overwrites `text`, which secrets were appended to, and empties it.
  public static func forget(_ text: inout [UInt8]) {
    wipe(&text)
    text = []
  }
}

/// Which secrets of a connection were given, for those who write them down.
struct GivenSecrets {
  private var random: ClientRandom?
  private var labels: UInt8 = 0

  /// The secrets of `entry` and `derived`, a master secret, that were not given before; nil if there are none.
  /// `skipsEmbedded`: those that stand in the capture count as given.
  mutating func next(
    _ random: ClientRandom, _ entry: KeyLog.Entry?, derived: Secret?, skipsEmbedded: Bool
  ) -> SessionSecrets? {
    if self.random != random { (self.random, labels) = (random, 0) }
    var secrets: [(label: KeyLogLabel, secret: Secret)] = []
    for label in KeyLogLabel.kept where labels & label.bit == 0 {
      var secret = label.place.flatMap { entry?[keyPath: $0] }
      let isEmbedded = secret != nil && (entry?.embedded ?? 0) & label.bit != 0
      if label == .clientRandom { secret = secret ?? derived }
      guard let secret else { continue }
      labels |= label.bit
      if !isEmbedded || !skipsEmbedded { secrets.append((label, secret)) }
    }
    return secrets.isEmpty ? nil : SessionSecrets(random: random, secrets: secrets)
  }
}

extension TLSConnection {
  /// Changes with what may bring secrets that `newSecrets` has not given, besides the key log.
  public var secretsGeneration: Int { handshake.secretsGeneration }

  /// The secrets of `log`, or made by a private key, that serve to decrypt this connection, and were not given before; nil if
  /// there are none. `skipsEmbedded`: without those that stand in the capture.
  public func newSecrets(_ log: borrowing KeyLog, skipsEmbedded: Bool) -> SessionSecrets? {
    guard let random = handshake.clientHello?.random else { return nil }
    return given.next(random, log.entry(random), derived: handshake.derivedMaster, skipsEmbedded: skipsEmbedded)
  }
}
