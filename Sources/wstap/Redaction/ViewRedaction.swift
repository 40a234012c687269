import Bytes
import JSON
import Subprotocols

/// Hides in the view of a message what is secret by its name, and wherever else the message holds it: names such as those of STOMP's
/// headers or MQTT's fields do not stand in the payload as those of JSON do.
struct ViewRedaction {
  private static let star: UInt8 = 0x2A

  let json: JSONRedaction

  /// What is left of `view`, and of `content`, which is `redacted` already if that is not nil; nil if there is nothing to hide.
  func redacted(
    _ view: MessageView, _ content: RawSpan, _ redacted: [UInt8]?
  ) -> (view: MessageView, content: [UInt8]?)? {
    var secrets: Set<[UInt8]> = []
    if let redacted { Self.gather(content.withUnsafeBytes { Array($0) }, redacted, into: &secrets) }
    let hidden = json.redacted(view.json.span.bytes)
    if let hidden { Self.gather(view.json, hidden, into: &secrets) }
    guard !secrets.isEmpty else { return nil }
    let longestFirst = secrets.sorted { $0.count > $1.count }
    var view = view
    view.json = Self.hideInStrings(longestFirst, hidden ?? view.json)
    Self.hide(longestFirst, in: &view.line, view.line.indices)
    // In a payload that is JSON itself, all that is secret has a name, and numbers must stay numbers.
    guard !Self.isJSON(content) else { return (view, redacted) }
    var bytes = redacted ?? content.withUnsafeBytes { Array($0) }
    Self.hide(longestFirst, in: &bytes, bytes.indices)
    return (view, bytes)
  }

  private static func isJSON(_ content: RawSpan) -> Bool {
    var scanner = JSONScanner()
    guard let first = scanner.next(content), first.kind.isBegin else { return false }
    return scanner.skipToEnd(content) && scanner.next(content) == nil && scanner.isComplete
  }

  /// Puts as many stars in the places of `secrets`, those that are parts of others last.
  private static func hide(_ secrets: [[UInt8]], in bytes: inout [UInt8], _ range: Range<Int>) {
    for secret in secrets where secret.count <= range.count {
      var i = range.lowerBound
      while i <= range.upperBound - secret.count {
        if bytes[i] == secret[0], bytes[i..<i + secret.count].elementsEqual(secret) {
          for k in i..<i + secret.count { bytes[k] = star }
          i += secret.count
        } else {
          i += 1
        }
      }
    }
  }

  private static func hideInStrings(_ secrets: [[UInt8]], _ text: [UInt8]) -> [UInt8] {
    var bytes = text
    var scanner = JSONScanner()
    while let token = scanner.next(text.span.bytes) {
      guard token.kind == .string else { continue }
      // Within an escape, stars would make it another one.
      if token.hasEscapes, Self.holds(secrets, JSONText.utf8(text.span.bytes, token)) {
        for i in token.range { bytes[i] = star }
      } else if !token.hasEscapes {
        hide(secrets, in: &bytes, token.range)
      }
    }
    return bytes
  }

  private static func holds(_ secrets: [[UInt8]], _ text: [UInt8]) -> Bool {
    var hidden = text
    hide(secrets, in: &hidden, hidden.indices)
    return hidden != text
  }

  /// What `text` held where `hidden` differs, or has stars: as it is written, and as it is meant where that is in JSON's way.
  private static func gather(_ text: [UInt8], _ hidden: [UInt8], into secrets: inout Set<[UInt8]>) {
    var i = 0
    let end = min(text.count, hidden.count)
    while i < end {
      guard hidden[i] == star || hidden[i] != text[i] else {
        i += 1
        continue
      }
      let start = i
      while i < end, hidden[i] == star || hidden[i] != text[i] { i += 1 }
      let secret = Array(text[start..<i])
      guard secret.contains(where: { $0 != star }) else { continue }
      secrets.insert(secret)
      if secret.contains(0x5C) {
        secrets.insert(JSONText.utf8(secret.span.bytes, JSONToken(.string, secret.indices, hasEscapes: true)))
      }
    }
  }
}
