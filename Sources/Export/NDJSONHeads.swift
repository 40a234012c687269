import Analysis
import Bytes
import HTTP
import WebSocket

/// The parts of an opening handshake.
extension NDJSONExporter {
  mutating func head(_ record: HeadRecord?) {
    guard let record else { return writer.literal("null") }
    writer.literal(#"{"packet":"#)
    writer.decimal(record.packet.number)
    if hasSeveralFiles {
      writer.literal(#","file":"#)
      writer.decimal(UInt64(record.packet.file))
    }
    let head = record.head
    let bytes = head.bytes
    startLine(head, bytes)
    writer.literal(#","headers":"#)
    headers(head)
    writer.literal("}")
  }

  /// The fields as `[name, value]`, in wire order.
  mutating func headers(_ head: HTTPHead) {
    let bytes = head.bytes
    writer.byte(0x5B)
    list(head.fieldPlaces) { exporter, field in
      exporter.writer.byte(0x5B)
      exporter.text(bytes, field.name, of: head)
      exporter.writer.byte(0x2C)
      exporter.text(bytes, field.value, of: head)
      exporter.writer.byte(0x5D)
    }
    writer.byte(0x5D)
  }

  private mutating func startLine(_ head: HTTPHead, _ bytes: [UInt8]) {
    if let method = head.methodPlace, let target = head.targetPlace {
      writer.literal(#","method":"#)
      text(bytes, method, of: head)
      writer.literal(#","target":"#)
      text(bytes, target, of: head)
    }
    writer.literal(#","version":"#)
    text(bytes, head.versionPlace, of: head)
    if let status = head.status, let reason = head.reasonPlace {
      writer.literal(#","status":"#)
      writer.decimal(status)
      writer.literal(#","reason":"#)
      text(bytes, reason, of: head)
    }
  }

  /// Writes what stands at `place` in the `bytes` of `head`, as a string.
  private mutating func text(_ bytes: [UInt8], _ place: Range<Int>, of head: HTTPHead) {
    let text = bytes.span.bytes.extracting(place)
    guard UTF8Validator.isValid(text) else { return writer.jsonString(head.text(place)) }
    writer.byte(0x22)
    writer.jsonEscaped(text)
    writer.byte(0x22)
  }

  mutating func offeredExtensions(_ handshake: HandshakeSummary) {
    writer.byte(0x5B)
    list(handshake.offeredExtensions) { exporter, offer in
      exporter.writer.literal(#"{"name":"#)
      exporter.writer.jsonString(offer.name)
      exporter.writer.literal(#","parameters":"#)
      exporter.parameters(offer)
      exporter.writer.byte(0x7D)
    }
    writer.byte(0x5D)
  }

  mutating func usedExtensions(_ handshake: HandshakeSummary) {
    writer.byte(0x7B)
    var seen: Set<String> = []
    list(handshake.extensions.filter { seen.insert($0.name).inserted }) { exporter, used in
      exporter.writer.jsonString(used.name)
      exporter.writer.byte(0x3A)
      exporter.used(used)
    }
    writer.byte(0x7D)
  }

  /// The parameters of an extension in use, defaults filled in where they are known. What is not allowed stays as it is.
  private mutating func used(_ element: ExtensionElement) {
    switch Compression(element) {
    case .perMessageDeflate(let server, let client, let serverBits, let clientBits):
      writer.literal(#"{"server_no_context_takeover":"#)
      optional(server)
      writer.literal(#","client_no_context_takeover":"#)
      optional(client)
      writer.literal(#","server_max_window_bits":"#)
      windowBits(element, "server_max_window_bits", serverBits)
      writer.literal(#","client_max_window_bits":"#)
      windowBits(element, "client_max_window_bits", clientBits)
      parameters(
        element,
        besides: [
          "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
          "client_max_window_bits",
        ])
    case .deflateFrame(let none, let bits):
      writer.literal(#"{"no_context_takeover":"#)
      optional(none)
      writer.literal(#","max_window_bits":"#)
      windowBits(element, "max_window_bits", bits)
      parameters(element, besides: ["no_context_takeover", "max_window_bits"])
    case nil:
      parameters(element)
    }
  }

  /// Writes the number that is meant or, where that is none that may be, what stands there.
  private mutating func windowBits(_ element: ExtensionElement, _ name: String, _ meant: Int) {
    guard let parameter = element.parameter(name), element.windowBits(name) == nil else {
      return writer.decimal(UInt64(clamping: meant))
    }
    if let number = parameter.value.flatMap({ UInt32($0) }), "\(number)" == parameter.value {
      return writer.decimal(UInt64(number))
    }
    optional(parameter.value)
  }

  /// Writes the parameters as an object or, where it has been begun with those in `known`, the rest of it.
  private mutating func parameters(_ element: ExtensionElement, besides known: Set<String> = []) {
    var seen = known
    let others = element.parameters.filter { seen.insert($0.name).inserted }
    if known.isEmpty {
      writer.byte(0x7B)
    } else if !others.isEmpty {
      writer.byte(0x2C)
    }
    list(others) { exporter, parameter in
      exporter.writer.jsonString(parameter.name)
      exporter.writer.byte(0x3A)
      exporter.optional(parameter.value)
    }
    writer.byte(0x7D)
  }
}
