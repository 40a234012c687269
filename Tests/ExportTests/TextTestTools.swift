import Bytes
import Capture
import HTTP
import TestSupport
import Transport
import WebSocket

@testable import Analysis
@testable import Export
@testable import WebSocket

/// 2026-11-20T02:41:00.123456Z.
let storyStart = Int64(1_795_142_460) * 1_000_000_000 + 123_456_000

/// A story of one connection, told record by record, and what an exporter writes of it.
struct Story<E: Exporter & ~Copyable>: ~Copyable {
  var exporter: E
  private let output: Output

  /// Collects what an exporter drains.
  private final class Output {
    var bytes: [UInt8] = []
  }

  init(_ format: E.Type, _ options: ExportOptions = ExportOptions()) {
    let output = Output()
    self.output = output
    exporter = E(options) { output.bytes.append(contentsOf: $0) }
  }

  /// All that was written; nil if that is not UTF-8.
  var text: String? {
    mutating get {
      exporter.flush()
      return String(validating: output.bytes, as: UTF8.self)
    }
  }

  /// All that was written, line by line.
  var lines: [String] {
    mutating get {
      (text ?? "not UTF-8").split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { String($0) }
    }
  }

  /// The lines from the first that begins with `title` to the next empty one.
  mutating func block(_ title: String) -> [String] {
    Array(lines.drop { !$0.hasPrefix(title) }.prefix { !$0.isEmpty })
  }

  // MARK: Records

  mutating func connection(
    _ number: UInt64 = 1, at milliseconds: Double = 0, url: String = "/chat", extensions: String? = nil,
    status: Int = 101, reason: String = "Switching Protocols"
  ) {
    exporter.connection(
      makeConnection(number, at: milliseconds, url: url, extensions: extensions, status: status, reason: reason))
  }

  mutating func message(
    _ content: [UInt8], _ sender: Sender = .client, at milliseconds: Double = 1, number: UInt64 = 1, frame: UInt64 = 1,
    _ change: (inout MessageRecord) -> Void = { _ in }
  ) {
    var record = makeMessage(content, sender, at: milliseconds, number: number, frame: frame)
    change(&record)
    exporter.message(record, content: content.span.bytes)
  }

  mutating func text(_ content: String, _ sender: Sender = .client, at milliseconds: Double = 1) {
    message(Array(content.utf8), sender, at: milliseconds)
  }

  mutating func frame(
    _ firstByte: UInt8, _ payload: [UInt8], _ sender: Sender = .client, at milliseconds: Double = 1, number: UInt64 = 1,
    message: UInt64 = 0, _ change: (inout FrameRecord) -> Void = { _ in }
  ) {
    var record = makeFrame(firstByte, payload, sender, at: milliseconds, number: number, message: message)
    change(&record)
    exporter.frame(record, payload: payload.span.bytes)
  }

  mutating func end(at milliseconds: Double = 12_300, _ change: (inout EndRecord) -> Void = { _ in }) {
    var record = makeEnd(at: milliseconds)
    change(&record)
    exporter.end(record)
  }
}

func reference(_ number: UInt64 = 1) -> ConnectionReference {
  let address = IPAddress(v4: 0x7F00_0001)
  return ConnectionReference(
    number: number, identifier: number, client: Endpoint(address, port: 51514), server: Endpoint(address, port: 8080))
}

func packet(_ number: UInt64, at milliseconds: Double) -> PacketReference {
  PacketReference(number: number, time: time(milliseconds))
}

func time(_ milliseconds: Double) -> Timestamp {
  Timestamp(nanoseconds: storyStart + Int64((milliseconds * 1_000_000).rounded()))
}

func makeConnection(
  _ number: UInt64 = 1, at milliseconds: Double = 0, url: String = "/chat", extensions: String? = nil,
  status: Int = 101,
  reason: String = "Switching Protocols"
) -> ConnectionRecord {
  let request = HTTPHead(
    .request(method: "GET", target: url, version: "HTTP/1.1"),
    [
      HeaderField("Host", "localhost:8080"), HeaderField("Upgrade", "websocket"),
      HeaderField("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), HeaderField("Sec-WebSocket-Protocol", "chat.v1"),
    ])
  var fields = [HeaderField("Upgrade", "websocket")]
  if status == 101 { fields.append(HeaderField("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) }
  if let extensions { fields.append(HeaderField("Sec-WebSocket-Extensions", extensions)) }
  let response = HTTPHead(.response(version: "HTTP/1.1", status: status, reason: reason), fields)
  return ConnectionRecord(
    connection: reference(number), time: time(milliseconds), start: .handshake,
    request: HeadRecord(head: request, packet: packet(4, at: milliseconds)),
    response: HeadRecord(head: response, packet: packet(6, at: milliseconds)),
    outcome: status == 101 ? .upgraded : .refused,
    handshake: HandshakeSummary(request: request, response: response))
}

func makeMessage(
  _ content: [UInt8], _ sender: Sender = .client, at milliseconds: Double = 1, number: UInt64 = 1, frame: UInt64 = 1
) -> MessageRecord {
  let length = UInt64(content.count)
  let place = packet(12, at: milliseconds)
  let isText = UTF8Validator.isValid(content.span.bytes)
  let message = Message(
    opcode: isText ? .text : .binary, isCompressed: false, frameCount: 1, wireLength: length, length: length,
    isComplete: true, isValidUTF8: isText ? true : nil, firstInvalidUTF8: nil, isPayloadItself: true, isDamaged: false,
    storableLength: length)
  return MessageRecord(
    connection: reference(), number: number, sender: sender, first: place, last: place, firstFrame: frame,
    lastFrame: frame, message: message)
}

func makeFrame(
  _ firstByte: UInt8, _ payload: [UInt8], _ sender: Sender = .client, at milliseconds: Double = 1, number: UInt64 = 1,
  message: UInt64 = 0
) -> FrameRecord {
  let length = UInt64(payload.count)
  let form: UInt8 = length < 126 ? UInt8(length) : length < 65_536 ? 126 : 127
  let header = FrameHeader(
    firstByte: firstByte, secondByte: form | (sender == .client ? 0x80 : 0),
    maskingKey: sender == .client ? 0x37FA_213D : 0,
    payloadLength: length)
  let place = packet(12, at: milliseconds)
  return FrameRecord(
    connection: reference(), number: number, sender: sender, header: header, first: place, last: place, offset: 6,
    capturedLength: length, isComplete: true, message: message)
}

func makeEnd(at milliseconds: Double = 12_300) -> EndRecord {
  EndRecord(
    connection: reference(), time: time(milliseconds), duration: Int64(milliseconds * 1_000_000),
    cause: .closeHandshake,
    closedFirst: .client, clientClose: close(1000, "bye"), serverClose: close(1000, "bye"), isClean: true,
    browserCode: .normalClosure, tcpEndings: [], idle: 1000,
    client: SenderTally(
      frames: 6, messages: 5, payloadBytes: 120, wireBytes: 160, missingBytes: 0, hasSentClose: true),
    server: SenderTally(
      frames: 7, messages: 6, payloadBytes: 1234, wireBytes: 1250, missingBytes: 0, hasSentClose: true))
}

/// The body of a close frame.
func closeBody(_ code: UInt16, _ reason: String) -> [UInt8] {
  [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8)
}

func close(_ code: UInt16, _ reason: String = "") -> CloseReason { CloseReason(closeBody(code, reason).span.bytes) }

/// Bytes such as nobody should send: control sequences, bidirectional controls, piles of marks, wide and broken characters.
func hostileBytes(_ dice: inout SeededGenerator, most: Int = 400) -> [UInt8] {
  let pieces: [[UInt8]] =
    [
      "\u{1B}[2J", "\u{1B}]0;title\u{07}", "\u{9B}31m", "\u{202E}evil\u{202C}", "\u{2066}x\u{2069}", "\r", "\n", "\t",
      "\0",
      "\u{7F}", "\u{200B}", "\u{200D}", "\u{FEFF}", "\u{2028}", "\u{E0041}",
      "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
      "漢字", "🚢", "👩‍👧", "🇨🇭", "❤️", "ﾊﾝ", "é", "plain words ", #"{"a":1}"#, "\u{AD}", "\u{E000}", "\u{115F}",
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ]
  var bytes: [UInt8] = []
  for _ in 0..<Int.random(in: 0...most / 4, using: &dice) { bytes += pieces.randomElement(using: &dice) ?? [] }
  return bytes
}

/// `text` without the colours that we use; anything else with an escape character stays.
func withoutColours(_ text: String) -> String {
  var plain = text
  for code in ["0", "1", "2", "31", "32", "33", "35", "36"] {
    plain = plain.split(separator: "\u{1B}[\(code)m", omittingEmptySubsequences: false).joined()
  }
  return plain
}

/// Columns of a line; nil if it holds what a terminal must never see.
func columns(of line: String) -> Int? {
  var columns = 0
  for scalar in line.unicodeScalars {
    guard let width = TerminalText.columns(scalar.value) else { return nil }
    columns += width
  }
  return columns
}
