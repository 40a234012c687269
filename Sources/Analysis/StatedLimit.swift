import Bytes
import Capture
import HTTP
import Subprotocols
import TLS
import Transport
import WebSocket

/// A limit to what is held, as the helps and the documentation state it.
public struct StatedLimit: Equatable, Sendable {
  /// What is limited, as a phrase. Words to be typed stand in backquotes.
  public let subject: String
  /// How much there is at most, by default.
  public let value: String
  /// The declaration behind it.
  public let place: String

  private init(_ subject: String, _ value: String, _ place: String) {
    self.subject = subject
    self.value = value
    self.place = place
  }

  /// All limits, with the numbers that are in force.
  public static let all: [StatedLimit] = capture + connections + contents + views + writing

  private static let capture: [StatedLimit] = [
    StatedLimit("a record of a capture file", bytes(CaptureLimits.default.record), "CaptureLimits.record"),
    StatedLimit(
      "interfaces of a pcapng section", count(CaptureLimits.default.interfaces), "CaptureLimits.interfaces"),
    StatedLimit(
      "IP datagrams of two hosts that wait for fragments", count(FragmentLimits.default.datagramsPerPair),
      "FragmentLimits.datagramsPerPair"),
    StatedLimit("IP fragments of all hosts", bytes(FragmentLimits.default.bytes), "FragmentLimits.bytes"),
    StatedLimit(
      "tunnels inside tunnels", count(PacketDecoder.maximumTunnels), "PacketDecoder.maximumTunnels"),
  ]

  private static let connections: [StatedLimit] = {
    let limits = ConnectionLimits()
    return [
      StatedLimit(
        "TCP connections that were opened and have said nothing", count(limits.quiet), "ConnectionLimits.quiet"),
      StatedLimit("TCP connections that are open and of interest", count(limits.open), "ConnectionLimits.open"),
      StatedLimit(
        "TCP connections that are over or carry no WebSocket, and are still known", count(limits.dismissed),
        "ConnectionLimits.dismissed"),
      StatedLimit(
        "packets for which a WebSocket connection with a RST may go on", count(Int(RecentResets.mostPackets)),
        "RecentResets.mostPackets"),
      StatedLimit("held for a connection in any case", bytes(limits.ownBytes), "ConnectionLimits.ownBytes"),
      StatedLimit(
        "held beyond that, for all connections together", bytes(limits.sharedBytes), "ConnectionLimits.sharedBytes"),
      StatedLimit("diagnostics of a connection, and of the files", count(Int(Reporter.limit)), "Reporter.limit"),
    ]
  }()

  private static let views: [StatedLimit] = [
    StatedLimit(
      "WebSocket connections whose subprotocol is remembered", count(2 * MessageViews.mostSessions),
      "MessageViews.mostSessions"),
    StatedLimit(
      "a unit of a subprotocol that is spread over messages", bytes(ViewMemory.mostOfUnit), "ViewMemory.mostOfUnit"),
    StatedLimit("all of those together", bytes(ViewMemory.most), "ViewMemory.most"),
    StatedLimit("requests of one end that wait for replies", count(PendingRequests.most), "PendingRequests.most"),
    StatedLimit("the view of a message", bytes(ViewWriter.most), "ViewWriter.most"),
    StatedLimit(
      "diagnostics of a connection's subprotocol", count(Int(ViewedConnections.mostFaults)),
      "ViewedConnections.mostFaults"),
    StatedLimit("sessions of long polling", count(LongPollings.most), "LongPollings.most"),
  ]

  private static let contents: [StatedLimit] = {
    let reassembly = ReassemblyLimits()
    let messages = MessageLimits()
    return [
      StatedLimit(
        "bytes out of order, a direction, until a WebSocket is found", bytes(ConnectionLimits().undecidedBytes),
        "ConnectionLimits.undecidedBytes"),
      StatedLimit("bytes out of order, a direction", bytes(reassembly.heldBytes), "ReassemblyLimits.heldBytes"),
      StatedLimit(
        "segments out of order, a direction", count(reassembly.heldSegments), "ReassemblyLimits.heldSegments"),
      StatedLimit(
        "segments with a wrong checksum, a direction", bytes(ReassemblyLimits.doubtfulBytes),
        "ReassemblyLimits.doubtfulBytes"),
      StatedLimit(
        "segments at or behind a FIN, a direction", bytes(ReassemblyLimits.behindFINBytes),
        "ReassemblyLimits.behindFINBytes"),
      StatedLimit(
        "bytes behind a SYN in the middle of a connection", bytes(PossibleOpening.mostBytes),
        "PossibleOpening.mostBytes"),
      StatedLimit("the head of an HTTP message", bytes(HTTPStream.headLimit), "HTTPStream.headLimit"),
      StatedLimit(
        "bytes that wait for a handshake, a direction", bytes(HandshakeSession.heldLimit), "HandshakeSession.heldLimit"),
      StatedLimit(
        "bytes of a TLS connection that wait for a secret, a direction", bytes(TLSOptions().heldBytes),
        "TLSOptions.heldBytes"),
      StatedLimit("the same for all TLS connections", bytes(TLSOptions().waitingBytes), "TLSOptions.waitingBytes"),
      StatedLimit(
        "TLS connections that are over and wait for a secret", count(TLSOptions().endedConnections),
        "TLSOptions.endedConnections"),
      StatedLimit("secrets of key logs", count(KeyLog.limit), "KeyLog.limit"),
      StatedLimit(
        "bytes in which frames are looked for after a gap, a direction", bytes(StreamSearch.defaultLimit),
        "StreamSearch.defaultLimit"),
      StatedLimit(
        "the same without a handshake, at a time", bytes(MidstreamSearch.limit), "MidstreamSearch.limit"),
      StatedLimit(
        "the same where a longer frame seems to have begun", bytes(MidstreamSearch.most), "MidstreamSearch.most"),
      StatedLimit(
        "the same without a handshake, until the search is given up", bytes(Int(MidstreamSearch.patience)),
        "MidstreamSearch.patience"),
      StatedLimit(
        "places where a header may be among these bytes, in one search at a time", count(FrameSearch.mostPlaces),
        "FrameSearch.mostPlaces"),
      StatedLimit(
        "pings without a pong, and pongs without a ping, that are remembered, a sender", count(PingWatch.most),
        "PingWatch.most"),
      StatedLimit(
        "a frame or message that is stored (`--max-payload`)", bytes(messages.stored), "MessageLimits.stored"),
      StatedLimit(
        "an inflated message that is stored, also with `--max-payload none`", bytes(messages.inflated),
        "MessageLimits.inflated"),
      StatedLimit(
        "what compressed messages refer to, a direction, after a loss", "about 700 KiB", "ContextRecovery"),
      StatedLimit(
        "steps, of a nanosecond or so, that a byte of compressed messages pays for in searches for the lengths of losses",
        count(SearchCredit.stepsPerByte), "SearchCredit.stepsPerByte"),
      StatedLimit(
        "ranges of unknown bytes of a message", count(messages.unknownRanges), "MessageLimits.unknownRanges"),
    ]
  }()

  private static let writing: [StatedLimit] = {
    let limits = WritingLimits()
    return [
      StatedLimit(
        "packets that wait to be written, with `--write websocket`", bytes(limits.waiting), "WritingLimits.waiting"),
      StatedLimit("the same of one connection", bytes(limits.waitingOfOne), "WritingLimits.waitingOfOne"),
      StatedLimit(
        "interfaces, secrets and names that each file of a `--ring` begins with", bytes(WritingLimits.preamble),
        "WritingLimits.preamble"),
    ]
  }()

  private static func bytes(_ number: Int) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where number % unit == 0 {
      return "\(number / unit) \(name)"
    }
    return "\(number) bytes"
  }

  private static func count(_ number: Int) -> String { grouped(UInt64(clamping: number)) }
}
