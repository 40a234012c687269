import Capture
import HTTP
import Subprotocols
import TLS
import Transport
import WebSocket

/// The end of a WebSocket connection that sends.
public enum Sender: UInt8, Sendable {
  /// The end that asked for the upgrade.
  case client
  /// The end that answered.
  case server

  /// The other end.
  @inlinable
  public var peer: Sender { self == .client ? .server : .client }

  /// The name in lower case.
  public var name: StaticString { self == .client ? "client" : "server" }

  /// Who sends in `direction` where the client sends in `client`.
  @inline(__always)
  init(_ direction: Direction, client: Direction) { self = direction == client ? .client : .server }
}

/// What every record of a connection carries.
public struct ConnectionReference: Equatable, Sendable {
  /// 1-based, in order of appearance.
  public var number: UInt64
  /// The same for the same connection in every run: see `stableIdentifier`.
  public var identifier: UInt64
  /// The end that asked for the upgrade.
  public var client: Endpoint
  /// The end that answered.
  public var server: Endpoint

  /// The end that `sender` is.
  @inlinable
  public func endpoint(_ sender: Sender) -> Endpoint { sender == .client ? client : server }
}

/// A head of the opening handshake and the packet that completed it.
public struct HeadRecord: Equatable, Sendable {
  /// The head.
  public var head: HTTPHead
  /// The packet that holds its last byte.
  public var packet: PacketReference
  /// Offset of its first byte in what the sender sent over TCP.
  public var offset: StreamOffset = 0
}

/// How decoding of a connection began.
public enum ConnectionStart: Sendable {
  /// With its opening handshake.
  case handshake
  /// Without one.
  case midstream
}

/// Why a connection is taken for a WebSocket, where no handshake says so.
public enum Inference: Equatable, Sendable {
  /// Its bytes are frames.
  case found(Confidence)
  /// The user says so.
  case assumed
}

/// What became of a request to switch to WebSocket.
public enum UpgradeOutcome: Sendable {
  /// The server switched.
  case upgraded
  /// The server answered otherwise.
  case refused
  /// The capture holds no answer, or not all of it.
  case unanswered
}

/// A frame (RFC 6455 §5.2).
public struct FrameRecord: Equatable, Sendable {
  /// Its connection.
  public var connection: ConnectionReference
  /// 1-based number within the connection.
  public var number: UInt64
  /// Who sent it.
  public var sender: Sender
  /// Its header.
  public var header: FrameHeader
  /// The packet that holds the first header byte.
  public var first: PacketReference
  /// The packet that holds the last byte that was captured.
  public var last: PacketReference
  /// Offset of the first header byte in what the sender sent over TCP.
  public var offset: StreamOffset
  /// Payload bytes that were captured.
  public var capturedLength: UInt64
  /// Whether all of it was captured.
  public var isComplete: Bool
  /// Number of the message that it belongs to; 0 for none.
  public var message: UInt64
  /// How sure it is that there is a frame; nil where its place was seen, not inferred.
  public var inference: Confidence?
}

/// A message (RFC 6455 §5.4).
public struct MessageRecord: Equatable, Sendable {
  /// Its connection.
  public var connection: ConnectionReference
  /// 1-based number within the connection, in order of the first frame.
  public var number: UInt64
  /// Who sent it.
  public var sender: Sender
  /// The packet that holds its first byte.
  public var first: PacketReference
  /// The packet that holds its last byte.
  public var last: PacketReference
  /// Number of its first frame.
  public var firstFrame: UInt64
  /// Number of its last frame.
  public var lastFrame: UInt64
  /// What it is made of.
  public var message: Message
  /// What it means, where views are made and one knows.
  public var view: MessageView?
  /// Where its bytes are not known (`MessageAssembler.unknown`); empty normally.
  public var unknown: [Range<UInt64>] = []
  /// How sure it is that its frames are there; nil where their place was seen, not inferred.
  public var inference: Confidence?
}

/// A piece of a message that is longer than what is stored of messages, given before the message itself
/// (`MessageLimits.givesPieces`).
public struct MessagePiece: Equatable, Sendable {
  /// Its connection.
  public var connection: ConnectionReference
  /// The message's number within the connection.
  public var number: UInt64
  /// Who sends it.
  public var sender: Sender
  /// The packet that holds the message's first byte.
  public var first: PacketReference
  /// What the message says that it is.
  public var opcode: Opcode
  /// Whether the message, as far as it came, was compressed.
  public var isCompressed: Bool
  /// How many bytes of the message were given in pieces before. Bytes that are not known are not among them.
  public var offset: UInt64
}

/// How a connection ended.
public enum EndCause: Sendable {
  /// Both ends sent Close.
  case closeHandshake
  /// TCP FIN, without both Close frames.
  case fin
  /// TCP RST, without both Close frames.
  case reset
  /// A new connection between the same ends began.
  case replaced
  /// It did not: the capture ends.
  case captureEnd

  /// The name in the JSON output.
  public var name: StaticString {
    switch self {
    case .closeHandshake: "close-handshake"
    case .fin: "fin"
    case .reset: "rst"
    case .replaced: "replaced"
    case .captureEnd: "capture-end"
    }
  }
}

/// A FIN or RST that ends a TCP connection.
public struct TCPEnding: Equatable, Sendable {
  /// Which of the two.
  public enum Kind: Sendable {
    /// FIN: the sender sends no more.
    case fin
    /// RST: nobody does.
    case reset

    /// The name in the JSON output.
    public var name: StaticString { self == .fin ? "fin" : "rst" }
  }

  /// FIN or RST.
  public var kind: Kind
  /// Who sent it.
  public var sender: Sender
  /// The packet; of several with FIN the earliest.
  public var packet: PacketReference
}

/// What the stream of one sender ends in the middle of.
public enum CutOff: Sendable {
  /// A message, whose last frame is not complete.
  case message
  /// A control frame, or a frame header.
  case frame

  /// The name in the JSON output.
  public var name: StaticString { self == .message ? "message" : "frame" }
}

/// What one end sent.
public struct SenderTally: Equatable, Sendable {
  /// Frames, incomplete ones included.
  public var frames: UInt64 = 0
  /// Messages, incomplete ones included.
  public var messages: UInt64 = 0
  /// Payload bytes of frames that were captured.
  public var payloadBytes: UInt64 = 0
  /// Bytes after the handshake that were captured.
  public var wireBytes: UInt64 = 0
  /// Bytes after the handshake that were never captured, those before the first frame that was found included.
  public var missingBytes: UInt64 = 0
  /// Captured bytes that belong to no frame, as far as can be told: those between a place where step was lost and the
  /// next sure frame.
  public var undecodedBytes: UInt64 = 0
  /// The time of the packet that brought its last bytes; nil if it sent none after the handshake.
  public var lastTime: Timestamp?
  /// Whether it sent a Close frame; nil where the capture lacks bytes in which there may be one, or ends before it has
  /// answered the other end's FIN.
  public var hasSentClose: Bool?
  /// Its pings without a pong (a pong answers the pings before its own too, RFC 6455 §5.5.3); nil where the capture lacks
  /// bytes that would tell.
  public var unansweredPings: UInt64?
  /// The time of the first of them, of the last 16; nil if there is none.
  public var firstUnansweredPing: Timestamp?
  /// What its stream ends in the middle of; nil if it ends between messages, or if that is not known.
  public var cutOff: CutOff?
}

/// The end of a connection, or of what is known of it.
public struct EndRecord: Equatable, Sendable {
  /// Its connection.
  public var connection: ConnectionReference
  /// The time of its last packet with payload, FIN or RST.
  public var time: Timestamp
  /// Nanoseconds since the handshake was complete.
  public var duration: Int64
  /// How it ended.
  public var cause: EndCause
  /// Who sent the first Close frame or, without any, the first FIN or RST.
  public var closedFirst: Sender?
  /// The client's first Close frame.
  public var clientClose: CloseReason?
  /// The server's first Close frame.
  public var serverClose: CloseReason?
  /// What `CloseEvent.wasClean` would say at the client; nil while the connection is open, and where frames that would tell
  /// are not in the capture.
  public var isClean: Bool?
  /// What `CloseEvent.code` would say at the client (RFC 6455 §7.1.5); nil as for `isClean`.
  public var browserCode: CloseCode?
  /// FIN and RST, in order of time.
  public var tcpEndings: [TCPEnding]
  /// Nanoseconds from the last packet of a message, or the handshake if there was none, to the first Close frame or, without
  /// any, to the first FIN or RST, or to the end of the whole capture where the connection is still open. Nil where the
  /// capture lacks bytes in which there may be messages, or the packet that ends the last one, or a FIN that may have been
  /// the first.
  public var idle: Int64?
  /// What the client sent.
  public var client: SenderTally
  /// What the server sent.
  public var server: SenderTally
}

/// The input.
public struct CaptureRecord: Equatable, Sendable {
  /// One input file.
  public struct File: Equatable, Sendable {
    /// Its path as given.
    public var path: String
    /// Its format: `pcap` or `pcapng`; nil if it could not be read.
    public var format: String?
    /// The link types that it declares, as far as they are known before its first packet.
    public var linkTypes: [LinkType]

    /// A file with these properties.
    public init(path: String, format: String?, linkTypes: [LinkType]) {
      self.path = path
      self.format = format
      self.linkTypes = linkTypes
    }
  }

  /// The files in the order in which they were given.
  public var files: [File]
  /// The time of the first packet; nil where it is not known yet.
  public var start: Timestamp?

  /// The input made of `files`.
  public init(files: [File], start: Timestamp? = nil) {
    self.files = files
    self.start = start
  }
}

/// Takes finished records. Exporters, filters and counters are sinks.
///
/// Payload comes as raw bytes that live for the call only: unmasked, and cut to what is stored.
public protocol RecordSink: ~Copyable {
  /// The kinds of records that it takes; all others need not be made, and are not given to it for sure.
  var kinds: RecordKinds { get }

  /// The input is open.
  mutating func capture(_ record: CaptureRecord)
  /// A handshake is complete.
  mutating func connection(_ record: ConnectionRecord)
  /// A TLS connection is over, where such are listed.
  mutating func tls(_ record: TLSConnectionRecord)
  /// A frame is over; `payload` before inflating.
  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan)
  /// A message is longer than what is stored of it: gives it as it comes, from its first byte on, after inflating. Its record
  /// follows when it is over, with what is stored. Comes only with `MessageLimits.givesPieces`.
  mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan)
  /// A message is over; `content` after inflating.
  mutating func message(_ record: borrowing MessageRecord, content: RawSpan)
  /// Something is wrong, or worth knowing.
  mutating func diagnostic(_ record: Diagnostic)
  /// A connection is over, or the capture is.
  mutating func end(_ record: EndRecord)
  /// All is read.
  mutating func summary(_ record: SummaryRecord)
}

/// What a sink does with records of which it says nothing: it forgets them.
extension RecordSink where Self: ~Copyable {
  /// All of them.
  public var kinds: RecordKinds { .all }
  /// Forgets the record.
  public mutating func capture(_ record: CaptureRecord) {}
  /// Forgets the record.
  public mutating func connection(_ record: ConnectionRecord) {}
  /// Forgets the record.
  public mutating func tls(_ record: TLSConnectionRecord) {}
  /// Forgets the record.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {}
  /// Forgets the piece.
  public mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) {}
  /// Forgets the record.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {}
  /// Forgets the record.
  public mutating func diagnostic(_ record: Diagnostic) {}
  /// Forgets the record.
  public mutating func end(_ record: EndRecord) {}
  /// Forgets the record.
  public mutating func summary(_ record: SummaryRecord) {}
}
