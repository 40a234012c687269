import TestSupport
import Testing

/// What a limit on stored bytes does to a record, and what it leaves alone.
struct NDJSONTruncationTests {
  /// A connection on which the server sends `payload`.
  private static func conversation(_ payload: [UInt8], close reason: [UInt8]? = nil) -> Conversation {
    var talk = Conversation()
    talk.handshake()
    talk.frame(.server, .text, payload)
    talk.frame(.server, .binary, payload)
    if let reason { talk.frame(.server, .close, [3, 232] + reason) }
    talk.finish()
    return talk
  }

  @Test func textThatIsCutInsideACharacterStaysText() throws {
    let text = "aé☃😀z"  // one, two, three and four bytes
    for stored in 0...12 {
      let output = try Output(Self.conversation(Array(text.utf8)), stored: stored)
      // Of the characters that fit as a whole, nothing is lost, and nothing is made up.
      let expected = text.indices.map { String(text[..<$0]) }.last { $0.utf8.count <= stored && stored < 11 } ?? text
      for record in output.all("frame").prefix(1) + output.all("message").prefix(1) {
        #expect(record["text"] == .string(expected), "\(stored) bytes stored")
        #expect(record["truncated"] == .bool(stored < 11))
        #expect(record["length"]?.integer == 11)
      }
      #expect(output.all("message").first?["valid_utf8"] == .bool(true), "of the whole, not of what is stored")
    }
  }

  @Test func binaryIsCutToTheByte() throws {
    for stored in 0...5 {
      let output = try Output(Self.conversation(Array("é☃".utf8)), stored: stored)
      #expect(output.all("message").last?.payload == Array(Array("é☃".utf8).prefix(stored)))
    }
  }

  @Test func textThatIsNotUTF8BeforeTheCutIsBase64() throws {
    let output = try Output(Self.conversation([0x61, 0xFF, 0x62, 0x63]), stored: 3)
    let message = try #require(output.all("message").first)
    #expect(message["text"] == nil && message.payload == [0x61, 0xFF, 0x62])
    #expect(message["truncated"] == .bool(true) && message["valid_utf8"] == .bool(false))
  }

  @Test func textThatIsNotUTF8BehindTheCutIsStillTextWhichSaysThatItIsNotValid() throws {
    let output = try Output(Self.conversation([0x61, 0x62, 0xFF]), stored: 2)
    let message = try #require(output.all("message").first)
    #expect(message["text"] == .string("ab") && message["valid_utf8"] == .bool(false))
  }

  @Test func textWhoseLastCharacterWasNeverSentIsNoText() throws {
    let output = try Output(Self.conversation([0x61, 0xE2, 0x98]))
    #expect(output.all("message").first?["text"] == nil, "only a cut of ours may split a character")
  }

  @Test func aCloseReasonThatIsCutInsideACharacterStaysText() throws {
    for (stored, expected) in [(2, ""), (3, "a"), (4, "a"), (5, "aé"), (6, "aé"), (8, "aé☃"), (9, "aé☃")] {
      let output = try Output(Self.conversation([], close: Array("aé☃".utf8)), stored: stored)
      let frame = try #require(output.all("frame").last)
      #expect(frame["text"] == .string(expected) && frame["close"]?["reason"] == .string(expected))
      #expect(frame["close"]?["code"]?.integer == 1000)
      #expect(frame["length"]?.integer == 8 && frame["truncated"] == .bool(stored < 8))
    }
  }

  @Test func theEndKnowsTheCloseReasonWhateverIsStored() throws {
    let output = try Output(Self.conversation([], close: Array("bye".utf8)), stored: 0)
    #expect(output.all("end").first?["server_close"]?["code"]?.integer == 1000)
    #expect(output.all("end").first?["server_close"]?["reason"] == .string("bye"))
  }

  @Test func aCloseFrameThatWasCapturedInPartSaysNothingMadeUp() throws {
    let frame = try #require(try Output(hostile: "missing bytes").all("frame").last)
    #expect(frame["opcode_name"]?.string == "close" && frame["complete"] == .bool(false))
    #expect(frame["close"] == .object(["code", "name", "reason"].map { .init(key: $0, value: .null) }))
    #expect(frame.payload == Array("bye-bye".utf8))
  }

  @Test func missingBytesLeaveNoMarkInTheText() throws {
    let message = try #require(try Output(hostile: "missing bytes").all("message").first)
    #expect(message["text"] == .string("one three") && message["complete"] == .bool(false))
    #expect(message["length"]?.integer == 13 && message["valid_utf8"] == .null)
  }

  @Test func theLengthOfAMessageWhoseEndWasNotSeenIsNotKnown() throws {
    var talk = Conversation()
    talk.handshake()
    talk.frame(.server, .text, Array("begun".utf8), first: 0x01)
    talk.finish()
    let message = try #require(try Output(talk).all("message").first)
    #expect(message["length"] == .null && message["complete"] == .bool(false))
    #expect(message["wire_length"]?.integer == 5 && message["text"] == .string("begun"))
  }
}
