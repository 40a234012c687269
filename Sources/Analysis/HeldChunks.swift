import Bytes
import HTTP
import Transport
import WebSocket

/// Bytes of a TCP stream that wait until the other direction has said what they are.
struct HeldChunk {
  enum Content {
    case bytes([UInt8], StreamOffset)
    case gap(StreamGap)
    case end
  }

  var content: Content
  var packet: PacketReference
}

/// The pieces of one direction that wait, in stream order.
struct HeldChunks {
  /// What a piece costs besides its bytes, so that small ones are held within the limit too.
  static let overhead = 128

  private var chunks: [HeldChunk] = []
  private var head = 0
  /// Bytes of memory that they take, about.
  private(set) var cost = 0

  var isEmpty: Bool { head == chunks.count }
  var first: HeldChunk? { isEmpty ? nil : chunks[head] }

  mutating func append(_ content: HeldChunk.Content, _ packet: PacketReference) {
    chunks.append(HeldChunk(content: content, packet: packet))
    cost += Self.cost(content)
  }

  mutating func popFirst() -> HeldChunk? {
    guard let first else { return nil }
    chunks[head].content = .end
    head += 1
    cost -= Self.cost(first.content)
    if isEmpty {
      chunks = []
      head = 0
    }
    return first
  }

  /// Whether the first piece begins with the first line of a request or response.
  var beginsWithHead: Bool {
    if case .bytes(let bytes, _) = first?.content { return HTTPHead.begins(bytes.span.bytes) }
    return false
  }

  /// Puts back what was left of the chunk that `popFirst` gave last.
  mutating func putBack(_ rest: HeldChunk) {
    cost += Self.cost(rest.content)
    guard head > 0 else {
      chunks.insert(rest, at: 0)
      return
    }
    head -= 1
    chunks[head] = rest
  }

  /// Puts what came earlier before the rest.
  mutating func prepend(_ earlier: [HeldChunk]) {
    chunks.replaceSubrange(0..<head, with: earlier)
    head = 0
    for chunk in earlier { cost += Self.cost(chunk.content) }
  }

  /// What waits, as far as it is in one piece, `most` bytes at most.
  func window(_ most: Int) -> SearchWindow {
    var window = SearchWindow()
    for chunk in chunks[head...] where window.bytes.count < most {
      switch chunk.content {
      case .bytes(let bytes, _): window.append(bytes.span.bytes)
      case .gap, .end: return window
      }
    }
    return window
  }

  private static func cost(_ content: HeldChunk.Content) -> Int {
    if case .bytes(let bytes, _) = content { return bytes.count + overhead }
    return overhead
  }
}
