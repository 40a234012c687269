import Analysis
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("Where the content of a message is faulty (RFC 6455 §8.1, RFC 7692 §7.2.2)")
struct ContentFaultTests {
  typealias Talk = ConversationBuilder

  /// Texts, and the offset of the first byte that none can have there; the length where more would have to follow.
  static let texts: [(bytes: [UInt8], invalid: UInt64)] = [
    (Array("Grüße".utf8) + [0xFF, 0x41], 7), ([0xC3, 0x28], 1), ([0xE2, 0x82, 0x41, 0x42], 2), ([0xED, 0xA0, 0x80], 1),
    ([0xF4, 0x90, 0x80, 0x80], 1), ([0xC0, 0xAF], 0), ([0x41, 0x80], 1), ([0x41, 0xE2, 0x82], 3),
    ([0xF0, 0x9F, 0x98], 3),
  ]

  @Test("text that is not UTF-8: frame, and offset in message and stream, however it is cut", arguments: texts)
  func invalidUTF8(bytes: [UInt8], invalid: UInt64) throws {
    for sender in [Talk.End.client, .server] {
      for cut in 0...bytes.count {
        var talk = Talk.upgraded()
        talk.frame(sender, .text, Array(bytes[..<cut]), isFinal: cut == bytes.count)
        if cut < bytes.count { talk.frame(sender, .continuation, Array(bytes[cut...])) }
        for segmentSize in [1, 1460] {
          var cutTalk = Talk.upgraded()
          cutTalk.segmentSize = segmentSize
          cutTalk.say(sender, Talk.frame(from: sender, .text, Array(bytes[..<cut]), isFinal: cut == bytes.count))
          if cut < bytes.count { cutTalk.say(sender, Talk.frame(from: sender, .continuation, Array(bytes[cut...]))) }
          let seen = analyze(cutTalk.packets)
          #expect(seen.slugs == ["message.invalid-utf8"])
          let fault = try #require(seen.diagnostics.first)
          #expect(fault.detail == "at byte \(invalid) of message 1")
          // Whether a sequence goes on shows in the next fragment only.
          let isInFirst = cut == bytes.count || invalid < cut
          let frame = try #require(seen.frames.first { $0.number == (isInFirst ? 1 : 2) })
          #expect(fault.frame == frame.number, "cut at \(cut)")
          let before = isInFirst ? 0 : UInt64(cut)
          #expect(fault.offset == frame.offset + UInt64(frame.header.headerLength) + invalid - before, "cut at \(cut)")
        }
      }
    }
  }

  @Test("sequences that are split over fragments are fine")
  func splitSequences() {
    let bytes = Array("aé€😀z".utf8)
    for cut in 0...bytes.count {
      var talk = Talk.upgraded()
      talk.frame(.client, .text, Array(bytes[..<cut]), isFinal: false)
      talk.frame(.client, .ping, [0xFF])
      talk.frame(.client, .continuation, Array(bytes[cut...]))
      talk.frame(.client, .binary, [0xFF])
      #expect(analyze(talk.packets).slugs == [])
    }
  }

  @Test("a text that a gap made is not blamed on its sender")
  func gap() {
    var talk = Talk.upgraded()
    let frame = Talk.frame(.text, Array("aé€😀z".utf8))
    talk.say(.server, Array(frame[..<4]))
    talk.lose(.server, 2)
    talk.say(.server, Array(frame[6...]))
    #expect(analyze(talk.packets).slugs == ["tcp.gap"])
  }

  @Test("compressed data is faulty in its frame")
  func inflate() throws {
    var talk = Talk.upgraded(extensions: "permessage-deflate")
    talk.say(.server, [0x41, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])  // RFC 7692 §7.2.3.1's "Hello"
    talk.say(.server, [0x80, 0x04, 0x05, 0x00, 0x05, 0x00])  // lengths that contradict each other
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["message.inflate"])
    let fault = try #require(seen.diagnostics.first)
    #expect(fault.frame == 2)
    #expect(fault.offset == seen.frames.last?.offset)
    #expect(fault.detail == "in message 1")
  }

  /// Compressed payloads, and what is wrong with them.
  static let payloads: [(bytes: [UInt8], slug: String?, detail: String)] = [
    ([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], nil, ""),  // RFC 7692 §7.2.3.1
    ([0x00], nil, ""),  // §7.2.3.6, an empty message
    ([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], nil, ""),  // §7.2.3.3
    ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], nil, ""),  // §7.2.3.4
    ([0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00], nil, ""),  // §7.2.3.5
    ([0xF2, 0x48, 0xCD, 0xC9], "message.inflate-short", "in message 1"),
    ([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65], "message.inflate-short", "in message 1"),
    ([0x07], "message.inflate", "in message 1"),  // block type 3
    ([0x00, 0x05, 0x00, 0x05, 0x00, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], "message.inflate", "in message 1"),
    // Bytes behind the last block that are none.
    ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xFF, 0xFF, 0xFF], "message.inflate", "in message 1"),
    (
      [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF], "message.deflate-end",
      "00 00 ff ff were not left out of message 1"
    ),
    ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], "message.deflate-end", "no empty block ends message 1"),
    ([], "message.deflate-end", "there is no data in message 1"),
  ]

  @Test("what can be wrong with compressed data, however it is cut", arguments: payloads)
  func deflate(bytes: [UInt8], slug: String?, detail: String) throws {
    for parameter in ["", "; server_no_context_takeover"] {
      for cut in 0...bytes.count {
        var talk = Talk.upgraded(extensions: "permessage-deflate\(parameter)")
        talk.say(.server, Talk.frame(from: .server, .binary, Array(bytes[..<cut]), isFinal: false, rsv1: true))
        talk.say(.server, Talk.frame(from: .server, .continuation, Array(bytes[cut...])))
        let seen = analyze(talk.packets)
        #expect(seen.slugs == (slug.map { [$0] } ?? []), "cut at \(cut)")
        #expect(seen.diagnostics.first?.detail == (slug == nil ? nil : detail))
        #expect(
          seen.messages.first?.message.isComplete == (slug != "message.inflate" && slug != "message.inflate-short"))
      }
    }
  }
}
