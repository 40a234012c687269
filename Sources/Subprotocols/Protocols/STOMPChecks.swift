import Bytes

/// Rules for the values of headers.
extension STOMPRules {
  /// Tells what is wrong with the values of headers that have a syntax, or a meaning that depends on other frames.
  func checkValues(_ command: STOMPCommand, _ frame: STOMPFrame, _ bytes: RawSpan, _ view: inout ViewWriter) {
    switch command {
    case .connect, .stomp, .connected:
      if let beats = frame.header("heart-beat", bytes), !Self.isHeartBeat(bytes, beats) {
        view.fault("heart-beat is not two numbers and a comma")
      }
      guard command == .connected, let offered, let version = frame.header("version", bytes) else { return }
      let name = Self.string(bytes, version)
      if !offered.contains(name) { view.fault("CONNECTED with the version \(name), which is not offered") }
    case .subscribe:
      guard let mode = frame.header("ack", bytes).map({ Self.string(bytes, $0) }) else { return }
      if !["auto", "client", "client-individual"].contains(mode) { view.fault("there is no ack mode \(mode)") }
    default: break
    }
  }

  /// The versions that a CONNECT or STOMP offers; nil where it names none, or so many that there is something wrong.
  static func offered(_ frame: STOMPFrame, _ bytes: RawSpan) -> [String]? {
    guard let range = frame.header("accept-version", bytes), range.count <= 256 else { return nil }
    return string(bytes, range).split(separator: ",").map { version in
      String(version.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// The text in `range` without spaces around it; of a long one, the beginning.
  private static func string(_ bytes: RawSpan, _ range: Range<Int>) -> String {
    let range = STOMPEscapes.trimmed(bytes, range)
    return bytes.extracting(range).withUnsafeBytes { String(decoding: $0.prefix(256), as: UTF8.self) }
  }

  /// Whether it is two numbers and a comma ("Heart-beating").
  private static func isHeartBeat(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    var digits = 0
    var commas = 0
    for i in range {
      switch bytes.u8(i) {
      case 0x30...0x39: digits += 1
      case UInt8(ascii: ","):
        guard digits > 0, commas == 0 else { return false }
        (digits, commas) = (0, 1)
      case 0x20: continue
      default: return false
      }
    }
    return commas == 1 && digits > 0
  }
}
