import Bytes
import Capture
import Testing
import Transport

@testable import Analysis

@Suite("Long polling before a WebSocket")
struct LongPollingTests {
  private let server = Endpoint(IPAddress(v4: 0x0A00_0001), port: 80)

  private func client(_ port: UInt16) -> Endpoint { Endpoint(IPAddress(v4: 0x0A00_0002), port: port) }

  private func packet(_ number: UInt64, seconds: Int64 = 0) -> PacketReference {
    PacketReference(number: number, file: 0, time: Timestamp(nanoseconds: seconds * 1_000_000_000))
  }

  private func note(
    _ pollings: inout LongPollings, _ text: String, _ port: UInt16, _ packet: PacketReference, sequence: UInt32? = nil
  ) {
    let bytes = Array(text.utf8)
    pollings.note(
      bytes.span.bytes, from: client(port), to: server, sequence: sequence ?? UInt32(truncatingIfNeeded: packet.number),
      packet)
  }

  private func answer(_ pollings: inout LongPollings, _ text: String, _ port: UInt16, _ packet: PacketReference) {
    let bytes = Array(text.utf8)
    pollings.noteAnswer(bytes.span.bytes, from: server, to: client(port), packet)
  }

  private let target = "/socket.io/?EIO=4&transport=websocket&sid=abc"

  @Test("requests with the session in their URL are counted, whatever connection they come on")
  func requests() {
    var pollings = LongPollings()
    note(&pollings, "GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\n\r\n", 1000, packet(4))
    note(&pollings, "POST /socket.io/?sid=abc&EIO=4&transport=polling HTTP/1.1\r\n\r\n40", 1001, packet(9))
    note(&pollings, "POST /socket.io/?sid=other&EIO=4&transport=polling HTTP/1.1\r\n\r\n40", 1002, packet(10))
    let found = pollings.session(of: target, server)
    #expect(found?.requests == 2 && found?.first.number == 4 && found?.last.number == 9)
    #expect(found?.clients == [client(1000), client(1001)])
    #expect(pollings.session(of: target, client(5)) == nil, "another server's session")
    #expect(pollings.session(of: "/socket.io/?EIO=4&transport=websocket", server) == nil)
  }

  @Test("the first request is known by its answer, however that is framed")
  func opening() {
    for body in [#"0{"sid":"abc","upgrades":[]}"#, "74\r\n0{\"sid\":\"abc\"}\r\n0\r\n\r\n", #"97:0{"sid":"abc"}2:40"#] {
      var pollings = LongPollings()
      note(&pollings, "GET /socket.io/?EIO=4&transport=polling&t=1 HTTP/1.1\r\n\r\n", 1000, packet(4))
      #expect(pollings.isWaiting)
      answer(&pollings, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", 1000, packet(5))
      answer(&pollings, #"0{"sid":"of another","upgrades":[]}"#, 1001, packet(6))
      answer(&pollings, body, 1000, packet(7))
      #expect(!pollings.isWaiting)
      let found = pollings.session(of: target, server)
      #expect(found?.requests == 1 && found?.first.number == 4)
    }
  }

  @Test("an answer that never comes is not waited for, and other requests open nothing")
  func patience() {
    var pollings = LongPollings()
    note(&pollings, "GET /page?sid=abc HTTP/1.1\r\nHost: x\r\n\r\n", 1000, packet(1))
    note(&pollings, "GET /socket.io/?transport=polling", 1000, packet(1))
    #expect(!pollings.isWaiting && pollings.session(of: target, server) == nil)
    note(&pollings, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n", 1000, packet(2))
    answer(&pollings, #"0{"sid":"abc"}"#, 1000, packet(3, seconds: 6))
    #expect(!pollings.isWaiting && pollings.session(of: target, server) == nil)
  }

  @Test("a packet that comes twice counts once")
  func duplicates() {
    var pollings = LongPollings()
    for number in 1...3 {
      let text = "GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\n\r\n"
      note(&pollings, text, 1000, packet(UInt64(number)), sequence: 7)
    }
    #expect(pollings.session(of: target, server)?.requests == 1)
  }

  @Test("as many sessions are remembered as is stated, those that came last")
  func limit() {
    var pollings = LongPollings()
    for i in 0..<(LongPollings.most + 10) {
      note(&pollings, "GET /e?transport=polling&sid=s\(i) HTTP/1.1\r\n\r\n", 1000, packet(UInt64(i)))
    }
    #expect(pollings.session(of: "/e?sid=s9", server) == nil)
    #expect(pollings.session(of: "/e?sid=s10", server) != nil)
    #expect(pollings.session(of: "/e?sid=s\(LongPollings.most + 9)", server) != nil)
    for i in 0..<200 {
      note(&pollings, "GET /e?transport=polling HTTP/1.1\r\n\r\n", UInt16(2000 + i), packet(UInt64(i)))
    }
    #expect(pollings.isWaiting)
  }
}
