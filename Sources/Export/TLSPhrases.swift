import Analysis
import Bytes
import TLS

/// What a TLS handshake says, in words. The words may hold what came from the wire: they must pass `TerminalText` on their
/// way out.
enum TLSPhrase {
  /// `TLS 1.3`; `TLS` where the version is not known.
  static func version(_ information: TLSInformation) -> String {
    guard let version = information.version else { return "TLS" }
    return version == .ssl30 ? version.name : "TLS \(version.name)"
  }

  /// Version, suite, name, ALPN and whether a session was resumed, as far as they are known, each as a phrase.
  static func parts(_ information: TLSInformation) -> [String] {
    var parts = [version(information)]
    if let suite = information.suite { parts.append(suite.name) }
    if let name = information.serverName { parts.append("for \(name)") }
    if let chosen = information.chosenProtocol {
      parts.append("ALPN \(chosen)")
    } else if !information.offeredProtocols.isEmpty {
      parts.append("ALPN offered: \(information.offeredProtocols.joined(separator: ", "))")
    }
    if information.isResumed == true { parts.append("resumed") }
    return parts
  }

  /// `CN=example.org; names example.org, *.example.org`.
  static func certificate(_ certificate: ServerCertificate) -> String {
    let names = certificate.names.isEmpty ? "" : "; names " + certificate.names.joined(separator: ", ")
    return (certificate.subject.isEmpty ? "no subject" : certificate.subject) + names
  }

  /// `decrypted`, `not decrypted: no secret for this client random`.
  static func outcome(_ information: TLSInformation) -> String {
    guard let explanation = information.explanation else { return information.hasData ? "decrypted" : "no data" }
    return (information.hasData ? "decrypted in part: " : "not decrypted: ") + explanation
  }
}
