import Analysis
import TestSupport
import Testing
import WebSocket

@Suite("Extensions that are not known, or were not seen, are nobody's fault (RFC 6455 §5.8, §9)")
struct OtherExtensionTests {
  typealias Talk = ConversationBuilder

  private static let deflate = "permessage-deflate"

  /// A connection whose response is not in the capture, and whose first frame tells that there was one.
  private func unseen() -> Talk {
    var talk = Talk.opened()
    talk.say(.client, Talk.lines(Talk.request()))
    talk.lose(.server, 129)
    for i in 0..<4 { talk.frame(.client, .text, "this is message \(i) of the client") }
    for i in 0..<40 { talk.frame(.server, .text, "and this is message \(i) of the server, in plain text") }
    return talk
  }

  /// Frames of the server with bits and opcodes that RFC 6455 reserves, and content that they change.
  private static let frames: [[UInt8]] = [
    [0xA1, 3, 0xFF, 0xFE, 0xFD], [0x91, 2, 0xC3, 0x28], [0x83, 1, 0xFF], [0x8B, 1, 0xFF], [0xC9, 0],
    [0x41, 1, 0xFF], [0xC0, 1, 0xFE], [0x01, 1, 0x41], [0xA0, 1, 0xFF], [0xF1, 3, 0xFF, 0xFF, 0xFF],
    [0xC1, 3, 0xFF, 0xFF, 0xFF],
  ]

  @Test("bits and opcodes that another extension may use", arguments: ["x-private", "permessage-deflate, x-private"])
  func other(extensions: String) {
    for frame in [[]] + Self.frames.filter({ $0[0] != 0x41 && $0[0] != 0x01 }) {
      var talk = Talk.upgraded(extensions: extensions)
      talk.say(.server, (frame.first.map { $0 & 0xF == 0 } == true ? [0x01, 1, 0x41] : []) + frame)
      let seen = analyze(talk.packets)
      #expect(seen.slugs == [], "\(frame)")
      #expect(seen.messages.allSatisfy { $0.message.isValidUTF8 != false && !$0.message.isDamaged })
    }
  }

  @Test("where the agreement was not seen, there may be such an extension")
  func notSeen() {
    var talk = unseen()
    for frame in Self.frames { talk.say(.server, frame) }
    let seen = analyze(talk.packets)
    #expect(seen.frames.count == 44 + Self.frames.count)
    let errors = seen.diagnostics.filter { $0.code.severity == .error && $0.code.slug != "frame.step-lost" }
    #expect(errors.map(\.code.slug) == [])
    #expect(seen.messages.last?.message.isComplete == false)
  }

  @Test("without one, they are what they were", arguments: [nil, deflate])
  func none(extensions: String?) {
    for frame in Self.frames {
      var talk = Talk.upgraded(extensions: extensions)
      talk.say(.server, frame)
      let isFine = frame[0] == 0x01
      #expect(analyze(talk.packets).slugs.isEmpty == isFine, "\(frame)")
    }
    var talk = Talk.upgraded(extensions: "x-private")
    talk.frame(.server, .text, [0xFF])
    #expect(analyze(talk.packets).slugs == ["message.invalid-utf8"], "no bit says that it is anything but text")
  }
}
