import Bytes
import JSON

/// The line for people.
extension ViewWriter {
  /// Adds text of our own to the line, after a space.
  public mutating func say(_ text: StaticString) {
    guard writesLine, !isLineFull else { return }
    separate()
    view.line.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds text to the line, after a space.
  public mutating func say(_ text: @autoclosure () -> String) {
    guard writesLine, !isLineFull else { return }
    let text = text()
    say(text.utf8Span.span.bytes)
  }

  /// Adds bytes that came over the wire, after a space, as far as they fit; controls in them become spaces.
  public mutating func say(_ bytes: RawSpan) {
    guard writesLine, !isLineFull else { return }
    separate()
    let room = max(Self.mostOfLine - view.line.count, 0)
    let isLong = bytes.byteCount > room
    var end = min(bytes.byteCount, room)
    while isLong, end > 0, bytes.u8(end) & 0xC0 == 0x80 { end -= 1 }
    let piece = bytes.extracting(0..<end)
    guard UTF8Validator.isValid(piece) else { return sayData(bytes.byteCount) }
    piece.withUnsafeBytes { bytes in
      let start = view.line.count
      view.line.append(contentsOf: bytes)
      guard bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return }
      for i in start..<view.line.count where view.line[i] < 0x20 || view.line[i] == 0x7F { view.line[i] = 0x20 }
    }
    if isLong { view.line.append(contentsOf: "…".utf8) }
  }

  /// Adds what the JSON value `token` of `bytes` says, strings without quotes; nothing if there is none.
  public mutating func say(_ token: JSONToken?, _ bytes: RawSpan) {
    guard let token, writesLine else { return }
    guard token.kind == .string, token.hasEscapes else { return say(bytes.extracting(token.range)) }
    let text = JSONText.utf8(bytes, token)
    say(text.span.bytes)
  }

  private var isLineFull: Bool { view.line.count >= Self.mostOfLine }

  private mutating func sayData(_ count: Int) { view.line.append(contentsOf: "(\(count) bytes)".utf8) }

  private mutating func separate() { if !view.line.isEmpty { view.line.append(0x20) } }
}
