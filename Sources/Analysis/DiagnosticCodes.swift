extension DiagnosticCode {
  // MARK: Capture

  /// The capture file ends inside a record.
  public static let fileCut = DiagnosticCode("capture.cut-off", .warning, "the capture file is cut off")
  /// The capture file breaks the rules of its format.
  public static let fileDamaged = DiagnosticCode(
    "capture.damaged", .warning, "the capture file breaks the rules of its format")

  /// Packets were dropped while the capture was made.
  public static let captureDrops = DiagnosticCode(
    "capture.drops", .warning, "the capture lacks packets that were dropped while it was made")

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

  static let resetIgnored = DiagnosticCode(
    "tcp.reset-ignored", .warning,
    "a RST fits the stream, but its sender went on as if it had sent none; it may be forged, and is left out",
    "RFC 5961 §3")
  static let synIgnored = DiagnosticCode(
    "tcp.syn-ignored", .note, "a SYN in the middle of the connection began no new one, and is left out", "RFC 5961 §4")

  static let afterReset = DiagnosticCode(
    "tcp.after-reset", .warning,
    "a WebSocket connection goes on that was taken for ended by a RST, as it had said nothing for long after that (5 seconds or 65,536 packets of the capture); what it says now is not decoded",
    "RFC 9293 §3.5.2")

  // MARK: TLS

  static let tlsBadRecord = DiagnosticCode(
    "tls.bad-record", .warning, "a TLS record failed authentication, and is left out", "RFC 8446 §5.2")
  static let tlsGap = DiagnosticCode(
    "tls.gap", .warning, "bytes of the plaintext could not be decrypted", "RFC 8446 §5.3")
  static let tlsOpaque = DiagnosticCode(
    "tls.opaque", .warning, "from here on, nothing that this sender says is decrypted", "RFC 8446 §5.2")

  /// A line of a key log is none.
  public static let keyLogLine = DiagnosticCode(
    "tls.key-log-line", .warning, "a line of a key log cannot be used", "RFC 9850 §2")
  /// A key log that came after the capture had begun may not be read.
  public static let keyLogUnreadable = DiagnosticCode(
    "tls.key-log-unreadable", .warning, "a key log cannot be read", "RFC 9850 §2")

  // MARK: Opening handshake

  static let method = DiagnosticCode(
    "handshake.method", .error, "the request's method is not GET", "RFC 6455 §4.1")
  static let target = DiagnosticCode(
    "handshake.target", .error, "the request's target is no path and no http URL, or has a fragment", "RFC 6455 §4.1")
  static let httpVersion = DiagnosticCode(
    "handshake.http-version", .error, "the HTTP version is below 1.1", "RFC 6455 §4.1")
  static let hostMissing = DiagnosticCode(
    "handshake.host-missing", .error, "the request has no Host", "RFC 6455 §4.1")
  static let upgradeField = DiagnosticCode(
    "handshake.upgrade-header", .error, "Upgrade does not say websocket", "RFC 6455 §4.1")
  static let connectionField = DiagnosticCode(
    "handshake.connection-header", .error, "Connection does not say Upgrade", "RFC 6455 §4.1")
  static let keyMissing = DiagnosticCode(
    "handshake.key-missing", .error, "the request has no Sec-WebSocket-Key", "RFC 6455 §4.1")
  static let keyInvalid = DiagnosticCode(
    "handshake.key-invalid", .error, "Sec-WebSocket-Key is not 16 bytes in base64", "RFC 6455 §4.1")
  static let version = DiagnosticCode(
    "handshake.version", .error, "Sec-WebSocket-Version is not 13", "RFC 6455 §4.1")
  static let acceptMismatch = DiagnosticCode(
    "handshake.accept-mismatch", .error, "Sec-WebSocket-Accept does not fit the key", "RFC 6455 §4.1")
  static let acceptMissing = DiagnosticCode(
    "handshake.accept-missing", .error, "the response has no Sec-WebSocket-Accept", "RFC 6455 §4.1")
  static let duplicateField = DiagnosticCode(
    "handshake.duplicate-header", .error, "a header field that may stand once stands more often", "RFC 6455 §11.3")
  static let malformedField = DiagnosticCode(
    "handshake.malformed-header", .warning, "lines of the head are no header fields", "RFC 9112 §5")
  static let body = DiagnosticCode(
    "handshake.body", .warning, "the 101 announces a body, which it cannot have", "RFC 9110 §8.6")
  static let offeredSubprotocol = DiagnosticCode(
    "handshake.offered-subprotocol", .warning, "an offered subprotocol is not a token, or is offered twice",
    "RFC 6455 §4.1")
  static let subprotocolInvalid = DiagnosticCode(
    "handshake.subprotocol-invalid", .error, "the server did not choose one subprotocol, by a token",
    "RFC 6455 §11.3.4")
  static let subprotocolNotOffered = DiagnosticCode(
    "handshake.subprotocol-not-offered", .error, "the server chose a subprotocol that the client did not offer",
    "RFC 6455 §4.1")
  static let extensionSyntax = DiagnosticCode(
    "handshake.extension-syntax", .error, "an extension is not written as the grammar says", "RFC 6455 §9.1")
  static let extensionNotOffered = DiagnosticCode(
    "handshake.extension-not-offered", .error, "the server uses an extension that the client did not offer",
    "RFC 6455 §9.1")
  static let extensionConflict = DiagnosticCode(
    "handshake.extension-conflict", .error, "the server uses one extension twice, or two that cannot go together",
    "RFC 7692 §5")
  static let offeredParameter = DiagnosticCode(
    "handshake.offered-parameter", .warning, "a compression is offered with a bad parameter: it must be declined",
    "RFC 7692 §7.1")
  static let extensionParameter = DiagnosticCode(
    "handshake.extension-parameter", .error, "the server uses a compression with a bad parameter", "RFC 7692 §7.1")
  static let extensionMismatch = DiagnosticCode(
    "handshake.extension-mismatch", .error, "the compression that the server uses is not as the client offered it",
    "RFC 7692 §7.1")
  static let acceptedFaulty = DiagnosticCode(
    "handshake.accepted-faulty", .warning, "the server accepted a request that it must refuse", "RFC 6455 §4.2.1")
  static let versionNotTold = DiagnosticCode(
    "handshake.version-not-told", .warning, "the refusal does not say which versions the server takes",
    "RFC 6455 §4.2.2")
  static let upgradeNotTold = DiagnosticCode(
    "handshake.upgrade-not-told", .warning, "the 426 does not say what to upgrade to", "RFC 9110 §15.5.22")
  static let earlyData = DiagnosticCode(
    "handshake.early-data", .warning, "the client sent frames before it had the server's response", "RFC 6455 §4.1")
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
  static let closeCodeSender = DiagnosticCode(
    "frame.close-code-sender", .note, "the server sent a close code that only clients send", "RFC 6455 §7.4.1")
  static let secondClose = DiagnosticCode(
    "frame.second-close", .note, "the sender has sent a Close frame before", "RFC 6455 §5.5.1")
  static let unsolicitedPong = DiagnosticCode(
    "frame.pong-unsolicited", .note, "a pong answers no ping, which is allowed", "RFC 6455 §5.5.3")
  static let closeReasonNotUTF8 = DiagnosticCode(
    "frame.close-reason-utf8", .error, "the reason of a Close frame is not UTF-8", "RFC 6455 §5.5.1")

  // MARK: Messages

  static let invalidUTF8 = DiagnosticCode(
    "message.invalid-utf8", .error, "a text message is not UTF-8", "RFC 6455 §8.1")
  static let inflateFailed = DiagnosticCode(
    "message.inflate", .error, "compressed data cannot be inflated", "RFC 7692 §7.2.2")
  static let inflateShort = DiagnosticCode(
    "message.inflate-short", .error, "compressed data ends inside a block", "RFC 7692 §7.2.1")
  static let deflateEnd = DiagnosticCode(
    "message.deflate-end", .warning, "compressed data does not end as it must, though it can be inflated",
    "RFC 7692 §7.2.1")
  static let contentCut = DiagnosticCode(
    "message.cut", .note, "a message inflates to more than is kept; the rest was counted and left out")

  static let contextLost = DiagnosticCode(
    "message.context-lost", .warning,
    "compressed messages from here on refer to data that is not in the capture; what they copy of it is unknown",
    "RFC 7692 §7.2.3.2")
  static let contextInferred = DiagnosticCode(
    "message.context-inferred", .note,
    "how much data was lost follows from what later messages refer to; what they copy from before it is inferred")
  static let contextRestored = DiagnosticCode(
    "message.context-restored", .note, "all that compressed messages can refer to is known again")

  // MARK: Subprotocols

  static let viewMalformed = DiagnosticCode(
    "view.malformed", .warning, "a message breaks the rules of its subprotocol")

  static let viewsForgotten = DiagnosticCode(
    "limit.views", .note,
    "so many connections speak at once that what was known of the subprotocols of some is forgotten")

  // MARK: Ourselves

  /// There are more diagnostics than are given.
  public static let limit = DiagnosticCode(
    "diagnostic.limit", .warning,
    "a connection, or the files, have more diagnostics than are given; the rest is left out")

  static let tooManyConnections = DiagnosticCode(
    "limit.connections", .warning, "too many connections are open at once; new ones are left out")

  static let memory = DiagnosticCode(
    "limit.memory", .warning, "so much is held for all connections together that no more is held for this one")

  /// All codes, in the order of the documentation.
  public static let all: [DiagnosticCode] = [
    fileCut, fileDamaged, captureDrops,
    // TCP
    gap, snapped, conflict, discarded, wrongChecksum, wrongChecksumUsed, resetIgnored, synIgnored, afterReset,
    // TLS
    tlsBadRecord, tlsGap, tlsOpaque, keyLogLine, keyLogUnreadable,
    // Opening handshake
    method, target, httpVersion, hostMissing, upgradeField, connectionField, keyMissing, keyInvalid, version,
    acceptMismatch, acceptMissing, duplicateField, malformedField, body, offeredSubprotocol, subprotocolInvalid,
    subprotocolNotOffered, extensionSyntax, extensionNotOffered, extensionConflict, offeredParameter,
    extensionParameter, extensionMismatch, acceptedFaulty, versionNotTold, upgradeNotTold, earlyData, bytesHeld,
    // Frames
    rsvSet, reservedOpcode, notMasked, masked, lengthNotMinimal, lengthTopBit, controlFragmented, controlTooLong,
    orphanContinuation, interleaved, compressedContinuation, stepLost, stepFound, undecoded, headerCut, afterClose,
    closeOneByte, closeCodeInvalid, closeCodeSender, closeReasonNotUTF8, secondClose, unsolicitedPong,
    // Messages
    invalidUTF8, inflateFailed, inflateShort, deflateEnd, contentCut, contextLost, contextInferred, contextRestored,
    // Subprotocols
    viewMalformed, viewsForgotten,
    // Ourselves
    limit, tooManyConnections, memory,
  ]
}
