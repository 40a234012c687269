import Bytes
import TestSupport
import Testing

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("How a connection ended, in one sentence")
struct TextEndTests {
  private func sentence(
    _ cause: EndCause, _ first: Sender?, client: CloseReason? = nil, server: CloseReason? = nil
  ) -> String {
    var record = makeEnd()
    record.cause = cause
    record.closedFirst = first
    record.clientClose = client
    record.serverClose = server
    return TextPhrase.end(record)
  }

  @Test("both sent Close")
  func both() {
    #expect(
      sentence(.closeHandshake, .server, client: close(1011), server: close(1011, "db down"))
        == #"server closed: 1011 internal error "db down""#)
    #expect(
      sentence(.closeHandshake, .client, client: close(1001), server: close(1000, "ok"))
        == #"client closed: 1001 going away, server answered: 1000 normal closure "ok""#)
    #expect(
      sentence(.closeHandshake, .client, client: CloseReason([UInt8]().span.bytes), server: close(1000))
        == "client closed: no code, server answered: 1000 normal closure")
  }

  @Test("one sent Close")
  func one() {
    #expect(
      sentence(.fin, .server, server: close(1001)) == "server closed: 1001 going away, client sent no Close (FIN)")
    #expect(
      sentence(.reset, .client, client: close(1000)) == "client closed: 1000 normal closure, server sent no Close (RST)"
    )
    #expect(
      sentence(.captureEnd, .client, client: close(1000))
        == "client closed: 1000 normal closure, no answer before the capture ends")
  }

  @Test("nobody sent Close")
  func nobody() {
    #expect(sentence(.fin, .client) == "client went away without Close (FIN)")
    #expect(sentence(.reset, .server) == "connection reset by server, without Close (RST)")
    #expect(sentence(.reset, nil) == "connection reset, without Close (RST)")
    #expect(sentence(.captureEnd, nil) == "still open when the capture ends")
    #expect(sentence(.replaced, nil) == "no end was seen; a new connection between the same ends began")
  }

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
    #expect(TextPhrase.tally(SenderTally()) == "nothing")
  }
}
