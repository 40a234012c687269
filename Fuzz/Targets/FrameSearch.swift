import Bytes
import WebSocket

/// A window of any bytes, with holes, and segments that begin anywhere. A chain that is found begins with a header that was
/// captured, and its frames land on each other up to its end; the same window gives the same chain. Behind a few bytes of
/// anything, a row of frames that speak for themselves is found. It takes its time in proportion to the window.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  let flags = steering.byte()
  let isMasked = flags & 1 != 0
  let knowledge: CompressionKnowledge =
    switch flags >> 1 & 3 {
    case 0: .none
    case 1: .agreed(isPerFrame: false)
    case 2: .agreed(isPerFrame: true)
    default: .unknown
    }
  var search = FrameSearch(isMasked: isMasked, compression: knowledge)
  if flags & 8 != 0 {
    row(&steering, ContentSource(input), isMasked, &search)
    return
  }
  var writer = WindowWriter(isMasked: isMasked, content: ContentSource(input))
  while !steering.isOver { writer.step(&steering) }
  if flags >= 0xE0 { writer.stretch(to: 100_000) }
  let window = writer.window
  let found = search.best(in: window)
  if let found { check(found, window, isMasked) }
  let again = search.best(in: window)
  require(again == found, "\(String(describing: found)), then \(String(describing: again))")
}

/// Bytes of anything, then ten frames of text.
private func row(
  _ steering: inout Steering, _ content: ContentSource, _ isMasked: Bool, _ search: inout FrameSearch
) {
  var content = content
  let flags = steering.byte()
  var window = SearchWindow()
  let prefix = Array(steering.rest().prefix(24))
  var bytes = prefix
  var starts: Set<Int> = []
  for _ in 0..<10 {
    starts.insert(bytes.count)
    bytes += frameBytes(0x81, content.json(), mask: isMasked ? content.key() : nil)
  }
  if flags & 1 == 0 {
    window = SearchWindow(bytes)
  } else {  // in segments that have nothing to do with frames
    var rest = bytes[...]
    while !rest.isEmpty {
      let segment = Array(rest.prefix(content.below(100) + 1))
      window.append(segment.span.bytes)
      rest = rest.dropFirst(segment.count)
    }
  }
  guard let found = search.best(in: window) else { fatalError("no row is found behind \(prefix)") }
  check(found, window, isMasked)
  require(found.confidenceInWebSocket >= .least, "\(found) behind \(prefix) is not sure")
  // What comes before the first frame may look like one.
  let isRight = starts.contains(found.start) || found.start < prefix.count
  require(isRight, "\(found), but frames begin at \(starts.sorted())")
}

/// Whether frames land on each other from the start on.
private func check(_ chain: FrameChain, _ window: SearchWindow, _ isMasked: Bool) {
  require(chain.places == window.bytes.count, "\(chain.places) of \(window.bytes.count) places")
  require(chain.frames > 0, "a chain without frames")
  require(chain.bits.isFinite && chain.placeBits.isFinite && chain.tagBits.isFinite, "\(chain)")
  require(chain.placeBits >= 0, "\(chain)")
  var place = UInt64(chain.start)
  var frames = 0
  while let start = Int(exactly: place), start < window.bytes.count {
    guard let range = window.captured.first(where: { $0.contains(start) }) else { break }
    let bytes = Array(window.bytes[start..<range.upperBound])
    var decoder = FrameDecoder()
    var position = 0
    guard case .header(let header) = decoder.next(bytes.span.bytes, &position) else { break }
    require(header.isMasked == isMasked && header.opcode.isDefined, "\(header) at \(place)")
    require(header.firstByte & 0x30 == 0, "\(header) at \(place)")
    // An unmasked fragment of nothing, of which more follow, counts for nothing.
    let isNothing = !isMasked && header.firstByte == 0 && header.payloadLength == 0
    if !isNothing { frames += 1 }
    require(!isNothing || start > chain.start, "a chain begins with nothing")
    place += UInt64(header.headerLength) + header.payloadLength
  }
  require(frames > 0, "no header at \(chain.start)")
  require(frames == chain.frames, "\(frames) frames, not \(chain.frames)")
}

/// Writes a window.
private struct WindowWriter {
  private(set) var window = SearchWindow()
  private let isMasked: Bool
  private var content: ContentSource

  init(isMasked: Bool, content: ContentSource) {
    self.isMasked = isMasked
    self.content = content
  }

  mutating func step(_ steering: inout Steering) {
    let op = steering.byte()
    switch op & 7 {
    case 0: append(steering.take(Int(steering.byte())))
    case 1: window.appendMissing(Int(steering.byte()) + 1)
    case 2: append(frame(steering.byte(), steering.take(Int(steering.byte()))))
    case 3: for _ in 0...Int(steering.byte() & 0xF) { append(frame(0x81, content.json())) }
    case 4: append(content.noise(Int(steering.byte()) << 2))
    case 5:
      let unit = steering.take(Int(steering.byte() & 0x1F))
      append(Array((0..<Int(steering.byte())).map { _ in unit }.joined()))
    case 6:  // a frame of which a part is missing
      let bytes = frame(steering.byte(), content.noise(Int(steering.byte())))
      let count = Int(steering.byte()) * bytes.count / 256
      append(Array(bytes[..<count]))
      if count < bytes.count { window.appendMissing(bytes.count - count) }
    default: append(frame(steering.byte(), content.noise(Int(steering.word()))))
    }
  }

  private mutating func append(_ bytes: [UInt8]) { window.append(bytes.span.bytes) }

  private mutating func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
    frameBytes(first, payload, mask: isMasked ? content.key() : nil)
  }

  /// Repeats all until there are so many bytes.
  mutating func stretch(to count: Int) {
    let once = window
    guard !once.captured.isEmpty else { return }
    while window.bytes.count < count {
      var place = 0
      for range in once.captured {
        if range.lowerBound > place { window.appendMissing(range.lowerBound - place) }
        append(Array(once.bytes[range]))
        place = range.upperBound
      }
      if place < once.bytes.count { window.appendMissing(once.bytes.count - place) }
    }
  }
}
