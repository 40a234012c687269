extension DiagnosticCode {
  // MARK: Capture

  /// The capture file ends inside a record.
  public static let fileCut = DiagnosticCode("capture.cut-off", .warning, "the capture file is cut off")
  /// The capture file breaks the rules of its format.
  public static let fileDamaged = DiagnosticCode(
    "capture.damaged", .warning, "the capture file breaks the rules of its format")

  // MARK: TCP

  static let gap = DiagnosticCode("tcp.gap", .warning, "bytes of the stream are not in the capture", "RFC 9293 §3.4")
  static let snapped = DiagnosticCode("tcp.snapped", .warning, "a packet was captured only in part")
  static let conflict = DiagnosticCode(
    "tcp.conflict", .warning, "segments claim different bytes for the same place; those that came first were kept",
    "RFC 9293 §3.10.7.4")
  static let discarded = DiagnosticCode("tcp.discarded", .note, "bytes were left out", "RFC 9293 §3.10.7.4")
  static let wrongChecksum = DiagnosticCode(
    "tcp.checksum", .note, "a segment with a wrong checksum was left out, as its receiver dropped it too",
    "RFC 9293 §3.1")
  static let wrongChecksumUsed = DiagnosticCode(
    "tcp.checksum-used", .note,
    "a segment with a wrong checksum was used after all, as its receiver acknowledged it and there is no other copy",
    "RFC 9293 §3.1")

  // MARK: Opening handshake

  static let acceptMismatch = DiagnosticCode(
    "handshake.accept-mismatch", .error, "Sec-WebSocket-Accept does not fit the key", "RFC 6455 §4.1")
  static let acceptMissing = DiagnosticCode(
    "handshake.accept-missing", .error, "the response has no Sec-WebSocket-Accept", "RFC 6455 §4.1")
  static let keyMissing = DiagnosticCode(
    "handshake.key-missing", .error, "the request has no Sec-WebSocket-Key", "RFC 6455 §4.1")
  static let subprotocolNotOffered = DiagnosticCode(
    "handshake.subprotocol-not-offered", .error, "the server chose a subprotocol that the client did not offer",
    "RFC 6455 §4.1")
  static let extensionNotOffered = DiagnosticCode(
    "handshake.extension-not-offered", .error, "the server uses an extension that the client did not offer",
    "RFC 6455 §9.1")
  static let bytesHeld = DiagnosticCode(
    "handshake.too-early", .warning, "too many bytes came before the handshake was complete; the connection is left out"
  )

  // MARK: Frames

  static let rsvSet = DiagnosticCode(
    "frame.rsv-set", .error, "a reserved bit is set that no extension gives a meaning", "RFC 6455 §5.2")
  static let reservedOpcode = DiagnosticCode(
    "frame.reserved-opcode", .error, "the opcode has no meaning", "RFC 6455 §5.2")
  static let notMasked = DiagnosticCode(
    "frame.not-masked", .error, "the client sent a frame without mask", "RFC 6455 §5.1")
  static let masked = DiagnosticCode("frame.masked", .error, "the server sent a masked frame", "RFC 6455 §5.1")
  static let lengthNotMinimal = DiagnosticCode(
    "frame.length-not-minimal", .error, "the length is written in more bytes than it needs", "RFC 6455 §5.2")
  static let lengthTopBit = DiagnosticCode(
    "frame.length-top-bit", .error, "the top bit of a 64-bit length is set", "RFC 6455 §5.2")
  static let controlFragmented = DiagnosticCode(
    "frame.control-fragmented", .error, "a control frame is fragmented", "RFC 6455 §5.5")
  static let controlTooLong = DiagnosticCode(
    "frame.control-too-long", .error, "a control frame has more than 125 bytes of payload", "RFC 6455 §5.5")
  static let orphanContinuation = DiagnosticCode(
    "frame.orphan-continuation", .error, "a continuation frame continues no message", "RFC 6455 §5.4")
  static let interleaved = DiagnosticCode(
    "frame.interleaved", .error, "a new message begins inside another one", "RFC 6455 §5.4")
  static let compressedContinuation = DiagnosticCode(
    "frame.rsv1-on-continuation", .error, "RSV1 is set on a continuation frame", "RFC 7692 §6.1")
  static let stepLost = DiagnosticCode(
    "frame.step-lost", .warning, "it is not known where the next frame begins: the next sure one is looked for")
  static let stepFound = DiagnosticCode(
    "frame.step-found", .note, "frames are found again, by what they look like; the first sure one begins here")
  static let undecoded = DiagnosticCode(
    "frame.undecoded", .warning, "no sure frames were found in bytes of this sender")
  static let headerCut = DiagnosticCode(
    "frame.header-cut", .note, "the stream ends inside a frame header", "RFC 6455 §5.2")
  static let afterClose = DiagnosticCode(
    "frame.after-close", .error, "a data frame follows the sender's Close frame", "RFC 6455 §5.5.1")
  static let closeOneByte = DiagnosticCode(
    "frame.close-one-byte", .error, "the body of a Close frame is a single byte", "RFC 6455 §5.5.1")
  static let closeCodeInvalid = DiagnosticCode(
    "frame.close-code", .error, "the Close frame carries a code that may not be sent", "RFC 6455 §7.4")
  static let closeReasonNotUTF8 = DiagnosticCode(
    "frame.close-reason-utf8", .error, "the reason of a Close frame is not UTF-8", "RFC 6455 §5.5.1")

  // MARK: Messages

  static let invalidUTF8 = DiagnosticCode(
    "message.invalid-utf8", .error, "a text message is not UTF-8", "RFC 6455 §8.1")
  static let inflateFailed = DiagnosticCode(
    "message.inflate", .error, "compressed data cannot be inflated", "RFC 7692 §7.2.2")
  static let contentCut = DiagnosticCode(
    "message.cut", .note, "a message inflates to more than is kept; the rest was counted and left out")

  // MARK: Ourselves

  static let limit = DiagnosticCode(
    "diagnostic.limit", .warning, "the connection has more diagnostics than are given; the rest is left out")

  static let tooManyConnections = DiagnosticCode(
    "limit.connections", .warning, "too many connections are open at once; new ones are left out")

  static let memory = DiagnosticCode(
    "limit.memory", .warning, "so much is held for all connections together that no more is held for this one")

  /// All codes, in the order of the documentation.
  public static let all: [DiagnosticCode] = [
    fileCut, fileDamaged, gap, snapped, conflict, discarded, wrongChecksum, wrongChecksumUsed, acceptMismatch,
    acceptMissing, keyMissing,
    subprotocolNotOffered, extensionNotOffered, bytesHeld, rsvSet, reservedOpcode, notMasked, masked, lengthNotMinimal,
    lengthTopBit, controlFragmented, controlTooLong, orphanContinuation, interleaved, compressedContinuation, stepLost,
    stepFound, undecoded,
    headerCut,
    afterClose, closeOneByte, closeCodeInvalid, closeReasonNotUTF8, invalidUTF8, inflateFailed, contentCut, limit,
    tooManyConnections, memory,
  ]
}
