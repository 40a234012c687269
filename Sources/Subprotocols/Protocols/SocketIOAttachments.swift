import Bytes
import JSON

/// A packet of Socket.IO that waits for binary messages, of one direction.
final class SocketIOAttachments {
  /// Attachments that are joined; a packet that has more is shown without them.
  static let most = 4096

  private var held: HeldUnit
  private var textLength = 0
  private var lengths: [Int] = []
  private var isLost = false
  private var expected = 0
  /// Attachments that came.
  private(set) var count = 0
  /// Number of the message in which the packet begins.
  private(set) var message: UInt64 = 0
  /// When that came, in nanoseconds since 1970.
  private(set) var start: Int64 = 0
  /// Whether there was a text message of Socket.IO in this direction.
  private(set) var hasBegun = false

  init(_ memory: ViewMemory) { held = HeldUnit(memory) }

  /// Whether attachments are to come.
  var isExpecting: Bool { count < expected }
  /// How many are to come.
  var missing: Int { expected - count }

  /// The packet `content`, which is `packet`, has so many attachments.
  func begin(_ attachments: Int, _ content: RawSpan, _ packet: ViewedMessage) {
    (expected, message, start) = (attachments, packet.number, packet.start)
    textLength = content.byteCount
    isLost =
      attachments > Self.most || !packet.isWhole
      || !held.append(content, 0..<content.byteCount, from: packet.number)
  }

  /// Takes the next attachment.
  func add(_ content: RawSpan, _ range: Range<Int>, _ attachment: ViewedMessage) {
    count += 1
    guard !isLost else { return }
    isLost = !attachment.isWhole || !held.append(content, range, from: attachment.number)
    lengths.append(range.count)
  }

  /// There is no packet that waits.
  func forget() {
    held.removeAll()
    lengths.removeAll()
    (expected, count, isLost, hasBegun) = (0, 0, false, true)
  }

  /// Messages are missing, of which nobody knows what they announce.
  func lose() {
    forget()
    hasBegun = false
  }

  /// The packet, with its attachments as `{"base64": …}` where the placeholders were; nil if it was too much to hold.
  func joined() -> [UInt8]? {
    guard !isLost else { return nil }
    let bytes = held.bytes
    guard textLength <= bytes.count else { return nil }
    var places: [Range<Int>] = []
    for length in lengths {
      let start = places.last?.upperBound ?? textLength
      places.append(start..<start + length)
    }
    return Self.join(bytes.span.bytes, textLength, places)
  }

  private static func join(_ bytes: RawSpan, _ textLength: Int, _ places: [Range<Int>]) -> [UInt8] {
    let text = bytes.extracting(0..<textLength)
    guard let packet = SocketIOPacket(text, from: 1) else { return [] }
    var scanner = JSONScanner(from: packet.payload.lowerBound)
    var joined = ByteWriter()
    var done = 0
    while let token = scanner.next(text) {
      guard token.kind == .objectBegin else { continue }
      var ahead = scanner
      guard let index = placeholder(text, &ahead), places.indices.contains(index) else { continue }
      // The same attachment may be named often: no more than can be shown.
      guard joined.count + places[index].count <= ViewWriter.most else { break }
      scanner = ahead
      joined.raw(text.extracting(done..<token.range.lowerBound))
      joined.literal(#"{"base64":""#)
      joined.base64(bytes.extracting(places[index]))
      joined.literal(#""}"#)
      done = scanner.position
    }
    joined.raw(text.extracting(done..<textLength))
    return joined.withBytes { Array($0) }
  }

  /// The number in `{"_placeholder":true,"num":…}`, behind whose brace `scanner` stands; nil if it is another object.
  private static func placeholder(_ text: RawSpan, _ scanner: inout JSONScanner) -> Int? {
    var number: Int?
    var isPlaceholder = false
    for _ in 0..<2 {
      guard let name = scanner.next(text), name.kind == .key, let value = scanner.next(text) else { return nil }
      if text.holds("num", name.range), value.kind == .number {
        number = JSONText.integer(text, value.range).flatMap { Int(exactly: $0) }
      } else if text.holds("_placeholder", name.range), value.kind == .true {
        isPlaceholder = true
      } else {
        return nil
      }
    }
    return scanner.next(text)?.kind == .objectEnd && isPlaceholder ? number : nil
  }
}
