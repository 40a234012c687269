import Bytes
import TestSupport
import WebSocket

/// The bytes of a frame. Without `form`, the length is written as short as it can be.
func frame(
  _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, rsv1: Bool = false, mask: UInt32? = nil,
  form: LengthForm? = nil
) -> [UInt8] {
  frameBytes((isFinal ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode.rawValue, payload, mask: mask, form: form)
}

/// What a direction of a connection brings: bytes, or the number of those that were never captured.
enum Input {
  case bytes([UInt8])
  case gap(UInt64)
}

/// Everything that came of decoding frames, the pieces of each payload joined.
struct FrameReading: Equatable {
  enum Item: Equatable {
    case header(FrameHeader)
    case payload([UInt8])
    case missing(UInt64)
    /// The frame is complete.
    case end
    case lost
  }

  var items: [Item] = []
  var isBetweenFrames = true
  var partialHeaderLength = 0
  var isLost = false

  init(_ inputs: [Input]) {
    var decoder = FrameDecoder()
    for input in inputs {
      switch input {
      case .bytes(let bytes):
        var position = 0
        while let event = decoder.next(bytes.span.bytes, &position) { add(event, bytes) }
        precondition(position == bytes.count, "all bytes are taken")
      case .gap(var count):
        while let event = decoder.skip(&count) { add(event, []) }
        precondition(count == 0, "the whole gap is accounted for")
      }
    }
    isBetweenFrames = decoder.isBetweenFrames
    partialHeaderLength = decoder.partialHeaderLength
    isLost = decoder.isLost
  }

  init(_ pieces: [[UInt8]]) { self.init(pieces.map { .bytes($0) }) }

  private mutating func add(_ event: FrameEvent, _ bytes: [UInt8]) {
    switch event {
    case .header(let header): items.append(.header(header))
    case .payload(let range, let isLast):
      if case .payload(let before) = items.last {
        items[items.count - 1] = .payload(before + bytes[range])
      } else if !range.isEmpty {
        items.append(.payload(Array(bytes[range])))
      }
      if isLast { items.append(.end) }
    case .missing(let count, let isLast):
      items.append(.missing(count))
      if isLast { items.append(.end) }
    case .lost: items.append(.lost)
    }
  }

  /// The headers of all frames.
  var headers: [FrameHeader] { items.compactMap { if case .header(let header) = $0 { header } else { nil } } }

  /// The payloads of all frames, unmasked, an empty one for a frame without.
  var payloads: [[UInt8]] {
    var payloads: [[UInt8]] = []
    for item in items {
      if case .header = item { payloads.append([]) }
      guard case .payload(let bytes) = item, let header = headers.dropFirst(payloads.count - 1).first else { continue }
      payloads[payloads.count - 1] = header.isMasked ? masking(bytes, header.maskingKey) : bytes
    }
    return payloads
  }
}
