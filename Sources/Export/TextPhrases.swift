import Analysis
import Bytes
import Transport
import WebSocket

/// What connections and their ends come to, in words. The words may hold what came from the wire: they must pass
/// `TerminalText` on their way out.
enum TextPhrase {
  /// `1000 normal closure "bye"`, `no code`.
  static func close(_ reason: CloseReason) -> String {
    guard let code = reason.code else { return "no code" }
    let words = "\(code.rawValue) \(code.name)"
    return reason.reason.isEmpty ? words : "\(words) \"\(text(reason.reason))\""
  }

  /// Bytes from the wire as a string that loses nothing.
  static func text(_ bytes: [UInt8]) -> String { LosslessText.string(bytes) }

  /// `5 messages 120 B`, `nothing`, `not captured`.
  static func tally(_ tally: SenderTally) -> String {
    if let nothing = nothing(tally) { return nothing }
    let words = "\(Phrase.count(tally.messages, "message")) \(Phrase.size(tally.payloadBytes))"
    var lacks: [String] = []
    if tally.missingBytes > 0 { lacks.append("\(Phrase.size(tally.missingBytes)) missing") }
    if tally.undecodedBytes > 0 { lacks.append("\(Phrase.size(tally.undecodedBytes)) undecoded") }
    return lacks.isEmpty ? words : "\(words) (\(lacks.joined(separator: ", ")))"
  }

  /// What to say of an end of which no byte was seen; nil for others. Where it may have sent a Close frame all the same, the
  /// capture does not have this direction.
  static func nothing(_ tally: SenderTally) -> String? {
    guard tally.wireBytes == 0, tally.missingBytes == 0 else { return nil }
    return tally.hasSentClose == nil ? "not captured" : "nothing"
  }

  /// Whether an end needs no attention: the close handshake was made, for no bad reason; or the connection is still open.
  static func isCalm(_ record: EndRecord) -> Bool {
    if record.cause == .captureEnd { return true }
    let reason = record.closedFirst == .client ? record.clientClose : record.serverClose
    let codes: [CloseCode] = [.normalClosure, CloseCode(rawValue: 1001)]
    return record.isClean == true && (reason?.code.map { codes.contains($0) } ?? true)
  }

  /// What became of an upgrade: `refused: 403 Forbidden`.
  static func refusal(_ record: ConnectionRecord) -> String {
    guard case .response(_, let status, let reason) = record.response?.head.startLine else {
      return "no answer in the capture"
    }
    return reason.isEmpty ? "refused: \(status)" : "refused: \(status) \(reason)"
  }

  /// `GET /chat`, for an upgrade whose URL is not known.
  static func address(_ record: ConnectionRecord) -> String? {
    if let url = record.handshake.url { return url }
    if case .request(_, let target, _) = record.request?.head.startLine { return target }
    return record.start == .midstream ? "joined midway" : nil
  }

  /// Why a connection is taken for a WebSocket that no handshake proves to be one: `inferred, confidence 0.999`.
  static func inference(_ record: ConnectionRecord) -> String? {
    switch record.inference {
    case .found(let confidence): "inferred, confidence \(probability(confidence))"
    case .assumed: "assumed"
    case nil: nil
    }
  }

  /// `0.999`.
  static func probability(_ confidence: Confidence) -> String { Phrase.text { $0.probability(confidence) } }

  /// `client`, `packet 17`, `RFC 9293 §3.4`: where a diagnostic is from, and its rule.
  static func place(_ record: Diagnostic, _ files: FileNames, isDetailed: Bool = false) -> [String] {
    var parts: [String] = []
    if isDetailed, let connection = record.connection { parts.append("#\(connection.number)") }
    if isDetailed, let frame = record.frame { parts.append("frame \(frame)") }
    if let sender = record.sender { parts.append("\(sender.name)") }
    if let packet = record.packet, packet.number > 0 { parts.append(files.packet(packet)) }
    if isDetailed, let offset = record.offset { parts.append("offset \(offset)") }
    if let reference = record.code.reference { parts.append(reference) }
    return parts
  }
}

/// Names of the input files, for packet numbers to be told with where there are several.
struct FileNames {
  private var names: [String] = []
  private let areNeeded: Bool

  init(areNeeded: Bool) { self.areNeeded = areNeeded }

  /// Takes the names of the files, without their folders.
  mutating func take(_ record: CaptureRecord) {
    names = record.files.map { file in file.path.split(separator: "/").last.map { String($0) } ?? file.path }
  }

  /// `packet 17`, or `packet 17 of rolled-2.pcap`.
  func packet(_ packet: PacketReference) -> String { "packet \(packet.number)\(suffix(packet.file))" }

  /// `packet 17`, or `packets 17–19` if there are more.
  func packets(_ first: PacketReference, _ last: PacketReference) -> String {
    if first.file != last.file { return "\(packet(first)) to \(packet(last))" }
    if first.number == last.number { return packet(first) }
    return "packets \(first.number)–\(last.number)\(suffix(first.file))"
  }

  private func suffix(_ file: UInt32) -> String {
    guard areNeeded else { return "" }
    let index = Int(file)
    return names.indices.contains(index) ? " of \(names[index])" : " of file \(index + 1)"
  }
}
