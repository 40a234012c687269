import TLS
import Transport

/// The secrets of a connection, for those who write its packets.
public struct GatheredSecrets: Sendable {
  /// Its ends.
  public var key: FlowKey
  /// What was not given before.
  public var secrets: SessionSecrets
}

extension Analyzer {
  /// Whether `takeSecrets` has anything to give.
  @inline(__always)
  public var hasSecrets: Bool { !gatheredSecrets.isEmpty }

  /// Hands over the secrets that were found to be needed since it was last asked (`TLSOptions.gathersSecrets`): those of a
  /// connection come no later than with the packet that completes its ClientHello, if they are known by then and
  /// those of all are gathered.
  public mutating func takeSecrets() -> [GatheredSecrets] {
    defer { gatheredSecrets = [] }
    return gatheredSecrets
  }

  /// Gathers the secrets of a connection, if something has changed.
  mutating func gatherSecrets(_ index: Int, _ t: Int) {
    let state = (log: keyLog.generation, own: tls[t].connection.secretsGeneration)
    guard tls[t].gathered != state, options.tls.gathersSecrets == .all || flows[index].isShown else { return }
    tls[t].gathered = state
    let skipsEmbedded = options.tls.gathersSecrets == .all
    guard let secrets = tls[t].connection.newSecrets(keyLog, skipsEmbedded: skipsEmbedded) else { return }
    gatheredSecrets.append(GatheredSecrets(key: flows[index].tcp.key, secrets: secrets))
  }
}
