import Bytes
import TestSupport
import Testing

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("Words about ends")
struct TextEndTests {
  @Test("a reason that is not UTF-8 is spelled out")
  func invalidReason() {
    let reason = CloseReason(([0x03, 0xE8, 0x43, 0xE8] as [UInt8]).span.bytes)
    #expect(escapedForTerminal(LosslessText.bytes(TextPhrase.close(reason))) == #"1000 normal closure "C\xe8""#)
  }

  @Test("what one end sent, and what is missing of it")
  func tally() {
    var tally = SenderTally(frames: 1, messages: 1, payloadBytes: 1500, wireBytes: 1504, missingBytes: 0)
    #expect(TextPhrase.tally(tally) == "1 message 1.5 kB")
    tally.missingBytes = 20
    #expect(TextPhrase.tally(tally) == "1 message 1.5 kB (20 B missing)")
    #expect(TextPhrase.tally(SenderTally(hasSentClose: false)) == "nothing")
    #expect(TextPhrase.tally(SenderTally()) == "not captured")
  }
}
