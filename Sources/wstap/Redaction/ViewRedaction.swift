import Bytes
import JSON
import Subprotocols

/// Hides in the view of a message what is secret by its name, and wherever else the message holds it: names such as those of STOMP's
/// headers or MQTT's fields do not stand in the payload as those of JSON do.
struct ViewRedaction {
  private static let star: UInt8 = 0x2A

  let json: JSONRedaction

  /// What is left of `view`, and of `content`, which is `redacted` already if that is not nil.
  ///
  /// - Parameter labels: what was hidden in the names of requests, which their replies name again.
  func redacted(
    _ view: MessageView, _ content: RawSpan, _ redacted: [UInt8]?, _ labels: inout HiddenLabels
  ) -> (view: MessageView, content: [UInt8]?) {
    var found = ViewSecrets()
    let bytes = content.withUnsafeBytes { Array($0) }
    if let redacted { found.addDifferences(bytes, redacted) }
    let hidden = json.redacted(view.json.span.bytes)
    if let hidden { found.addMembers(of: view.json, hidden) }
    let ofPayload = found.strings
    for reply in view.replies { found.strings.formUnion(labels.secrets(in: reply.label)) }
    let secrets = found.strings.union(found.others).sorted { $0.count > $1.count }
    var view = view
    view.json = Self.hideInStrings(secrets, hidden ?? view.json)
    SecretBytes.hide(secrets, in: &view.line, part: SecretBytes.partOfLine)
    hide(secrets, inLabelsOf: &view, &labels)
    // Part of a unit whose end is yet to come: where its values are is not known.
    if Self.isPart(view) || Self.isOpaque(view) { return (view, [UInt8](repeating: Self.star, count: bytes.count)) }
    guard hidden != nil || redacted != nil else { return (view, redacted) }
    return (view, payload(bytes, redacted, ofPayload, found.others))
  }

  /// The payload without what was found in the view.
  private func payload(
    _ bytes: [UInt8], _ redacted: [UInt8]?, _ strings: Set<[UInt8]>, _ others: Set<[UInt8]>
  ) -> [UInt8] {
    let isJSON = Self.isJSON(bytes.span.bytes)
    let isText = UTF8Validator.isValid(bytes.span.bytes)
    let known = isJSON ? bytes + Self.meaning(of: bytes) : bytes
    // What is compressed, or told by numbers of another form, cannot be found.
    let isElsewhere =
      strings.contains { !SecretBytes.contains(known, $0) }
      || others.contains { !isText || !SecretBytes.contains(known, $0) }
    if isElsewhere { return [UInt8](repeating: Self.star, count: bytes.count) }
    let secrets = strings.union(others).sorted { $0.count > $1.count }
    var result = redacted ?? bytes
    if isJSON { return Self.hideInStrings(secrets, result) }
    SecretBytes.hide(secrets, in: &result)
    return result
  }

  private func hide(_ secrets: [[UInt8]], inLabelsOf view: inout MessageView, _ labels: inout HiddenLabels) {
    func hidden(_ label: String, _ labels: inout HiddenLabels, isNew: Bool) -> String {
      let bytes = Array(label.utf8)
      var result = json.redacted(bytes.span.bytes) ?? bytes
      for secret in secrets where SecretBytes.contains(bytes, secret, part: SecretBytes.partOfLine) {
        if isNew { labels.add(secret) }
        SecretBytes.hide([secret], in: &result, part: SecretBytes.partOfLine)
      }
      return result == bytes ? label : String(decoding: result, as: UTF8.self)
    }
    for i in view.requests.indices { view.requests[i].label = hidden(view.requests[i].label, &labels, isNew: true) }
    for i in view.replies.indices { view.replies[i].label = hidden(view.replies[i].label, &labels, isNew: false) }
    for i in view.forgotten.indices {
      let label = view.forgotten[i].label
      var bytes = Array(hidden(label, &labels, isNew: false).utf8)
      SecretBytes.hide(
        labels.secrets(in: label).sorted { $0.count > $1.count }, in: &bytes, part: SecretBytes.partOfLine)
      view.forgotten[i].label = String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func isPart(_ view: borrowing MessageView) -> Bool {
    SecretBytes.contains(view.json, Array("\"continues\":true".utf8))
  }

  /// Whether it is compressed, and not all of it could be inflated: what is in the rest is not known.
  private static func isOpaque(_ view: borrowing MessageView) -> Bool {
    let compressed = ["gzip", "zlib", "zlibstream"]
    guard ([view.name] + view.carried).contains(where: { compressed.contains($0) }) else { return false }
    return ["truncated", "lost"].contains { SecretBytes.contains(view.json, Array("\"\($0)\":true".utf8)) }
  }

  private static func isJSON(_ content: RawSpan) -> Bool {
    var scanner = JSONScanner()
    guard let first = scanner.next(content), first.kind.isBegin else { return false }
    return scanner.skipToEnd(content) && scanner.next(content) == nil && scanner.isComplete
  }

  /// What the strings mean that have escapes.
  private static func meaning(of text: [UInt8]) -> [UInt8] {
    var meaning: [UInt8] = []
    var scanner = JSONScanner()
    while let token = scanner.next(text.span.bytes) {
      if token.kind == .string, token.hasEscapes { meaning += JSONText.utf8(text.span.bytes, token) + [0] }
    }
    return meaning
  }

  /// Hides secrets in strings, and numbers that are one.
  private static func hideInStrings(_ secrets: [[UInt8]], _ text: [UInt8]) -> [UInt8] {
    if secrets.isEmpty { return text }
    var bytes = text
    var scanner = JSONScanner()
    while let token = scanner.next(text.span.bytes) {
      if token.kind == .number, secrets.contains(where: { text[token.range].elementsEqual($0) }) {
        hideNumber(&bytes, token.range)
      }
      guard token.kind == .string else { continue }
      // Within an escape, stars would make it another one.
      if token.hasEscapes {
        let meaning = JSONText.utf8(text.span.bytes, token)
        if secrets.contains(where: { SecretBytes.contains(meaning, $0) }) { for i in token.range { bytes[i] = star } }
      } else {
        SecretBytes.hide(secrets, in: &bytes, token.range, part: SecretBytes.partOfJSON)
      }
    }
    return bytes
  }

  /// A number that is hidden is a string, or 0.
  private static func hideNumber(_ bytes: inout [UInt8], _ range: Range<Int>) {
    for i in range { bytes[i] = range.count == 1 ? 0x30 : star }
    guard range.count > 1 else { return }
    bytes[range.lowerBound] = 0x22
    bytes[range.upperBound - 1] = 0x22
  }
}
