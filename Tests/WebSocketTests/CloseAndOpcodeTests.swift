import Testing
import WebSocket

@Suite("Why an end closes, RFC 6455 §5.5.1 and §7.4")
struct CloseReasonTests {
  private func reason(_ bytes: [UInt8]) -> CloseReason { CloseReason(bytes.span.bytes) }

  @Test("a code and a reason")
  func codeAndReason() {
    let close = reason([0x03, 0xE8] + Array("bye ☺".utf8))
    #expect(close.code == .normalClosure)
    #expect(close.text == "bye ☺")
    #expect(reason([0x0F, 0xA0]).code?.rawValue == 4000)
    #expect(reason([0x0F, 0xA0]).text == "")
  }

  @Test("a body too short for a code has none")
  func short() {
    #expect(reason([]).code == nil && reason([]).text == "")
    #expect(reason([0x03]).code == nil && reason([0x03]).reason.isEmpty)
  }

  @Test("a reason that is not UTF-8 has no text, but keeps its bytes")
  func notText() {
    let close = reason([0x03, 0xEF, 0xFF, 0x41])
    #expect(close.code?.rawValue == 1007 && close.text == nil && close.reason == [0xFF, 0x41])
    #expect(reason([0x03, 0xE8, 0xE2, 0x82]).text == nil, "cut inside a character")
  }

  @Test("which codes may be sent, §7.4.1, §7.4.2 and the registry")
  func maySend() {
    let defined = Set([1000, 1001, 1002, 1003] + Array(1007...1014) + Array(3000...4999))
    for code in UInt16.min...UInt16.max where CloseCode(rawValue: code).maySend != defined.contains(Int(code)) {
      Issue.record("\(code)")
    }
  }

  @Test("every code has a name")
  func names() {
    let names: [(UInt16, String)] = [
      (0, "invalid"), (999, "invalid"), (1000, "normal closure"), (1001, "going away"), (1002, "protocol error"),
      (1003, "unsupported data"), (1004, "reserved"), (1005, "no status received"), (1006, "abnormal closure"),
      (1007, "invalid frame payload data"), (1008, "policy violation"), (1009, "message too big"),
      (1010, "mandatory extension"), (1011, "internal error"), (1012, "service restart"), (1013, "try again later"),
      (1014, "bad gateway"), (1015, "TLS handshake"), (1016, "unassigned"), (2999, "unassigned"),
      (3000, "unauthorized"),
      (3001, "registered use"), (3003, "forbidden"), (3008, "timeout"), (3999, "registered use"),
      (4000, "private use"), (4999, "private use"), (5000, "invalid"), (65_535, "invalid"),
    ]
    for (code, name) in names { #expect(CloseCode(rawValue: code).name == name) }
    #expect(CloseCode.noStatusReceived.rawValue == 1005 && CloseCode.abnormalClosure.rawValue == 1006)
    #expect(CloseCode.tlsHandshake.rawValue == 1015)
  }
}

@Suite("Opcodes, RFC 6455 §11.8")
struct OpcodeTests {
  @Test("which are control frames, defined, and parts of messages")
  func kinds() {
    let opcodes = (0..<16).map { Opcode(rawValue: $0) }
    #expect(opcodes.filter(\.isControl).map(\.rawValue) == Array(8...15))
    #expect(opcodes.filter(\.isDefined).map(\.rawValue) == [0, 1, 2, 8, 9, 10])
    #expect(opcodes.filter(\.isMessage).map(\.rawValue) == [0, 1, 2])
    #expect(Opcode(rawValue: 0xF1) == .text, "only four bits count")
  }

  @Test("each has a name of its own")
  func names() {
    let names = (0..<16 as Range<UInt8>).map { "\(Opcode(rawValue: $0).name)" }
    #expect(names[..<3] == ["continuation", "text", "binary"] && names[8..<11] == ["close", "ping", "pong"])
    for reserved in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] { #expect(names[reserved] == "reserved-\(reserved)") }
  }
}
