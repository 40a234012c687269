import Bytes
import WebSocket

/// What a message has beyond what is stored, as it comes (`MessageLimits.givesPieces`).
extension SenderStream {
  /// Bytes that are gathered before they are given (256 KiB).
  private static let leastPiece = 1 << 18
  /// Bytes that are assembled at a time: they inflate to no more than 4 MiB.
  private static let mostAssembled = 1 << 12

  /// A part of the frame's payload, unmasked, goes into its message.
  mutating func assemble<S: RecordSink & ~Copyable>(
    _ part: RawSpan, _ buffer: inout InflateBuffer, _ shared: inout SessionShared, into sink: inout S
  ) {
    guard shared.limits.givesPieces else { return messages.payload(part, &buffer) }
    var start = 0
    while start < part.byteCount {
      let end = start + min(Self.mostAssembled, part.byteCount - start)
      messages.payload(part.extracting(start..<end), &buffer)
      start = end
      if messages.piece.count >= Self.leastPiece { givePiece(shared, into: &sink) }
    }
  }

  /// Gives what follows on the stored bytes; first these themselves.
  mutating func givePiece<S: RecordSink & ~Copyable>(_ shared: SessionShared, into sink: inout S) {
    guard !messages.piece.isEmpty else { return }
    let isFirst = messages.takenBytes == 0
    let offset = UInt64(messages.content.count) + messages.takenBytes
    let bytes = messages.takePiece()
    if sink.kinds.contains(.message) {
      let message = messages.progress
      var piece = MessagePiece(
        connection: shared.connection, number: span.number, sender: sender, first: span.packet, opcode: message.opcode,
        isCompressed: message.isCompressed, offset: 0)
      if isFirst, offset > 0 { sink.piece(piece, content: messages.content.span.bytes) }
      piece.offset = offset
      sink.piece(piece, content: bytes.span.bytes)
    }
    messages.reuse(piece: bytes)
  }
}
