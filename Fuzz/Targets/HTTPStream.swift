import Bytes
import HTTP
import WebSocket

/// An HTTP stream gives the same heads and ends at the same places, whole or in pieces; what its heads say of an upgrade
/// can be read; and missing bytes anywhere do no harm.
func fuzz(_ input: [UInt8]) {
  var chance = Chance(input)
  var whole = Reader()
  whole.take(input)
  var split = Reader()
  var start = 0
  for piece in chance.pieces(of: input.count) {
    split.take(Array(input[start..<start + piece]))
    start += piece
  }
  whole.finish()
  split.finish()
  require(whole == split, "whole: \(whole)\nin pieces: \(split)")
  whole.heads.forEach(read)

  var torn = Reader()
  start = 0
  for piece in chance.pieces(of: input.count) {
    torn.take(Array(input[start..<start + piece]))
    start += piece
    if chance.next() & 7 == 0 { torn.skip(chance.next() >> (chance.next() & 63)) }
  }
  torn.finish()
}

private struct Reader: Equatable {
  private var stream = HTTPStream()
  private var events: [HTTPEvent] = []
  /// How many bytes were taken before each event.
  private var places: [Int] = []
  private var taken = 0

  /// Whether they gave the same, and will go on in the same way.
  static func == (a: Reader, b: Reader) -> Bool {
    a.stream == b.stream && a.events == b.events && a.places == b.places
  }

  var heads: [HTTPHead] {
    events.compactMap { if case .head(let head) = $0 { head } else { nil } }
  }

  mutating func take(_ bytes: [UInt8]) {
    var position = 0
    while let event = stream.next(bytes.span.bytes, &position) {
      require(position <= bytes.count, "took more than was shown")
      note(event, taken + position)
      if stream.isOver { return }
    }
    require(stream.isOver || position == bytes.count, "waits for nothing")
    taken += bytes.count
  }

  mutating func skip(_ count: UInt64) {
    if let event = stream.skip(count) { note(event, taken) }
  }

  mutating func finish() {
    if let event = stream.finish() { note(event, taken) }
  }

  private mutating func note(_ event: HTTPEvent, _ place: Int) {
    switch event {
    case .head(let head):
      require(stream.isWaiting, "does not wait for what follows a head")
      if case .request = head.startLine {
        stream.expect(head.requestBody)
      } else {
        stream.expect(head.responseBody(toMethod: nil))
      }
    case .notHTTP, .headTooLarge:
      require(stream.isOver, "goes on after \(event)")
    case .messageEnd:
      break
    }
    events.append(event)
    // Where no head was found, it does not matter how far the search went.
    places.append(stream.isOver ? 0 : place)
  }
}

private func read(_ head: HTTPHead) {
  let names = (UpgradeRequest(head)?.extensions ?? []) + (UpgradeResponse(head)?.extensions ?? [])
  for name in names {
    let element = ExtensionElement(name)
    guard let compression = Compression(element) else { continue }
    for isClient in [true, false] {
      require((8...15).contains(compression.direction(ofClient: isClient).windowBits), "window of \(element)")
    }
  }
  if let key = UpgradeRequest(head)?.key { require(expectedAccept(forKey: key).utf8.count == 28, "accept for \(key)") }
}
