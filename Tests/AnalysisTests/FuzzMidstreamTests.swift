import Analysis
import TestSupport
import Testing
import WebSocket

@Suite("Found by fuzzing: connections of which the capture lacks the beginning")
struct FuzzMidstreamTests {
  typealias Talk = ConversationBuilder

  /// The end of a frame of which nobody knows the beginning; it looks like the beginning of one.
  private let disguise: [UInt8] = [0x82, 0x86, 1, 2, 3, 4, 5, 6, 7, 8, 9]

  private func speak(_ talk: inout Talk) {
    for i in 0..<6 { talk.frame(.client, .text, #"{"say":"\#(i) fish in the sea","id":\#(i * 7919)}"#) }
  }

  @Test("where bytes are missing before the first ones, an assumed port does not make these a frame")
  func assumedBehindGap() {
    var talk = Talk.opened()
    talk.lose(.client, 300)
    talk.say(.client, disguise)
    speak(&talk)
    var options = AnalyzerOptions()
    options.assumedPorts = [talk.ends[1].port]
    let seen = analyze(talk.packets, options)
    #expect(seen.texts(.client).count == 6 && seen.frames.count == 6)
    #expect(seen.frames.allSatisfy { $0.inference != nil })
  }

  @Test("behind a 101, what follows on missing bytes is no frame because it looks like one", arguments: [0, 40])
  func behindResponse(lost: Int) {
    var talk = Talk.upgraded()
    talk.packets.removeFirst(5)  // The request is not in the capture; the server's response is.
    talk.lose(.client, lost)
    if lost > 0 { talk.say(.client, disguise) }
    speak(&talk)
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.client).count == 6 && seen.frames.count == 6)
    #expect(seen.frames.allSatisfy { $0.inference != nil })
  }

  @Test("bytes in which frames were looked for count as the WebSocket's, also those that are kept no more")
  func passedBytes() throws {
    var talk = Talk()
    talk.say(.server, (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
    for i in 0..<20 {
      talk.frame(.server, .text, #"{"heard":\#(i * 7919),"by":["gull","tern"]}"#)
      talk.frame(.client, .text, #"{"say":"\#(i) fish in the sea","id":\#(i * 7919)}"#)
    }
    let seen = analyze(talk.packets)
    let end = try #require(seen.ends.first)
    let summary = try #require(seen.summary)
    #expect(end.server.undecodedBytes == 70_000)
    #expect(summary.webSocketBytes == end.client.wireBytes + end.server.wireBytes)
    #expect(summary.otherBytes == 0)
  }
}
