import Bytes
import JSON

/// Where the parts of a Jupyter message stand in its bytes.
struct JupyterParts {
  /// The name of its channel.
  var channel: Range<Int>?
  /// The JSON object that says what it is.
  var header: Range<Int>
  /// The header of the message that caused it.
  var parent: Range<Int>?
  var metadata: Range<Int>?
  var content: Range<Int>?
  var buffers: [Range<Int>] = []

  /// Parts, with the buffers, that a message may have.
  private static let mostParts = 4096

  /// Those of a message in JSON.
  init(_ outline: borrowing JSONOutline, _ bytes: RawSpan, header: JSONToken) {
    self.header = header.range
    channel = outline.string("channel", bytes)?.range
    parent = Self.object(outline.member("parent_header", bytes))
    metadata = Self.object(outline.member("metadata", bytes))
    content = Self.object(outline.member("content", bytes))
  }

  private static func object(_ token: JSONToken?) -> Range<Int>? { token?.kind == .objectBegin ? token?.range : nil }

  /// Those of a message in the layout v1: the number of offsets, the offsets, all of 64 bits and little-endian; and between them the
  /// channel, header, parent header, metadata, content and buffers. Nil if it has another layout.
  init?(v1 bytes: RawSpan, isWhole: Bool) {
    guard bytes.byteCount >= 8, let count = Int(exactly: bytes.load(0, .little, as: UInt64.self)),
      (6...Self.mostParts).contains(count), bytes.byteCount >= 8 * (count + 1)
    else { return nil }
    var offsets: [Int] = []
    for i in 1...count {
      guard let offset = Int(exactly: bytes.load(8 * i, .little, as: UInt64.self)), offset >= offsets.last ?? 0 else {
        return nil
      }
      offsets.append(offset)
    }
    guard offsets[0] == 8 * (count + 1) else { return nil }
    guard isWhole ? offsets[count - 1] == bytes.byteCount : offsets[2] <= bytes.byteCount else { return nil }
    let end = bytes.byteCount
    func part(_ i: Int) -> Range<Int>? { offsets[i + 1] <= end ? offsets[i]..<offsets[i + 1] : nil }
    guard let header = part(1), let name = part(0), name.count <= 64 else { return nil }
    (channel, self.header) = (name, header)
    (parent, metadata, content) = (part(2), part(3), part(4))
    if count > 6 { buffers = (5..<count - 1).compactMap { part($0) } }
  }

  /// The parts of a binary message of the default protocol: their number and offsets, all of 32 bits and big-endian. Nil if it is none.
  static func defaultRanges(_ bytes: RawSpan, isWhole: Bool) -> [Range<Int>]? {
    guard bytes.byteCount >= 8, let count = Int(exactly: bytes.u32(0)), (1...mostParts).contains(count),
      bytes.byteCount >= 4 * (count + 1), Int(bytes.u32(4)) == 4 * (count + 1)
    else { return nil }
    var ranges: [Range<Int>] = []
    for i in 1...count {
      let start = Int(bytes.u32(4 * i))
      let end = i < count ? Int(bytes.u32(4 * i + 4)) : max(start, bytes.byteCount)
      guard start <= end, end <= bytes.byteCount else { return isWhole || ranges.isEmpty ? nil : ranges }
      ranges.append(start..<end)
    }
    return ranges
  }

  /// Parts that are no JSON objects become unknown, and are told.
  mutating func refuseWhatIsNoJSON(
    _ bytes: RawSpan, _ outline: inout JSONOutline, _ message: ViewedMessage, _ view: inout ViewWriter
  ) {
    func checked(_ range: Range<Int>?, _ name: String) -> Range<Int>? {
      guard let range else { return nil }
      outline.read(bytes, range)
      if outline.root == .object, outline.isReadable {
        if outline.isComplete { return range }
        view.leaveOut()
        return nil
      }
      if message.isWhole { view.fault("the \(name) is no JSON object") }
      return nil
    }
    parent = checked(parent, "parent header")
    metadata = checked(metadata, "metadata")
    content = checked(content, "content")
  }
}

extension Jupyter {
  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.path.hasSuffix("/channels") && target.path.split(separator: "/").contains("kernels") ? 0.95 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    if outline.root == .object {
      guard outline.isComplete, outline.has("parent_header", content), outline.has("content", content),
        let head = outline.member("header", content), head.kind == .objectBegin
      else { return 0 }
      return isHeader(content, head.range) ? 1 : 0
    }
    guard !message.isText, content.byteCount >= 64, let parts = JupyterParts(v1: content, isWhole: message.isWhole)
    else {
      return 0
    }
    return isHeader(content, parts.header) ? 1 : 0
  }

  private static func isHeader(_ content: RawSpan, _ range: Range<Int>) -> Bool {
    var inner = JSONOutline()
    inner.read(content, range)
    return inner.string("msg_id", content) != nil && inner.string("msg_type", content) != nil
  }
}
