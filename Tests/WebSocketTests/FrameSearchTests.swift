import Bytes
import TestSupport
import Testing

@testable import WebSocket

@Suite("Finding frames where no start is known")
struct FrameSearchTests {
  private func json(_ random: inout SeededGenerator) -> [UInt8] {
    let number = UInt32.random(in: 0...99_999, using: &random)
    let words = ["tide", "harbour", "gull", "боя", "灯台"].shuffled(using: &random)
    return Array(#"{"at":"\#(words[0])","n":\#(number),"near":["\#(words[1])","\#(words[2])"]}"#.utf8)
  }

  private func key(_ random: inout SeededGenerator) -> UInt32 { .random(in: 0...UInt32.max, using: &random) }

  private func search(_ window: SearchWindow, isMasked: Bool, _ compression: CompressionKnowledge = .none)
    -> FrameChain?
  {
    var search = FrameSearch(isMasked: isMasked, compression: compression)
    return search.best(in: window)
  }

  private func isSure(_ chain: FrameChain?) -> Bool { chain.map { $0.confidenceInWebSocket >= .least } ?? false }

  // MARK: What is found

  @Test("a stream entered at any byte is found at the next frame, or one soon after", arguments: [false, true])
  func anyOffset(isMasked: Bool) {
    var random = SeededGenerator.announced(#function)
    var bytes: [UInt8] = []
    var starts: [Int] = []
    for _ in 0..<12 {
      starts.append(bytes.count)
      bytes += frameBytes(0x81, json(&random), mask: isMasked ? key(&random) : nil)
    }
    for offset in 0..<starts[4] {
      let chain = search(SearchWindow(Array(bytes[offset...])), isMasked: isMasked)
      #expect(isSure(chain), "from \(offset) on")
      guard let chain else { continue }
      #expect(starts.contains(offset + chain.start), "from \(offset) on: \(chain)")
      #expect(starts.count { $0 >= offset && $0 < offset + chain.start } <= 1, "from \(offset) on: \(chain)")
    }
  }

  @Test("binary frames are found by the chain alone", arguments: [false, true])
  func binary(isMasked: Bool) {
    var random = SeededGenerator.announced(#function)
    var window = SearchWindow()
    let noise = (0..<700).map { _ in UInt8.random(in: 0...255, using: &random) }
    window.append(noise.span.bytes)
    for _ in 0..<8 {
      let payload = (0..<Int.random(in: 20...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
      }
      let bytes = frameBytes(0x82, payload, mask: isMasked ? key(&random) : nil)
      window.append(bytes.span.bytes)
    }
    let chain = search(window, isMasked: isMasked)
    #expect(chain?.start == 700 && isSure(chain))
    #expect(!isSure(search(window, isMasked: !isMasked)), "not in the other role")
  }

  @Test("a capture that begins inside a large frame finds the next boundary")
  func insideLargeFrame() {
    var random = SeededGenerator.announced(#function)
    let rest = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    var bytes = rest
    for _ in 0..<2 { bytes += frameBytes(0x82, (0..<70_000).map { _ in UInt8.random(in: 0...255, using: &random) }) }
    let chain = search(SearchWindow(bytes), isMasked: false)
    #expect(chain?.start == 100_000 && isSure(chain))
  }

  @Test("missing bytes inside payloads keep the chain, and headers among them end it")
  func holes() {
    var random = SeededGenerator.announced(#function)
    var window = SearchWindow()
    let before = [UInt8](repeating: 0x41, count: 50)
    window.append(before.span.bytes)
    for _ in 0..<5 {  // as a short snaplen leaves them
      let bytes = frameBytes(0x81, (0..<20).flatMap { _ in json(&random) })
      let captured = Array(bytes[..<200])
      window.append(captured.span.bytes)
      window.appendMissing(bytes.count - 200)
    }
    let chain = search(window, isMasked: false)
    #expect(chain?.start == 50 && chain?.frames == 5 && isSure(chain))
  }

  @Test("compressed messages are known by the shape of DEFLATE")
  func compressed() {
    var random = SeededGenerator.announced(#function)
    let deflater = Deflater(level: 6)
    var bytes = (0..<90).map { _ in UInt8.random(in: 0...255, using: &random) }
    for _ in 0..<6 { bytes += frameBytes(0xC1, deflater.message(json(&random))) }
    for knowledge in [CompressionKnowledge.unknown, .agreed(isPerFrame: false)] {
      let chain = search(SearchWindow(bytes), isMasked: false, knowledge)
      #expect(chain?.start == 90 && isSure(chain))
    }
    #expect(!isSure(search(SearchWindow(bytes), isMasked: false, .none)), "RSV1 means nothing there")
  }

  // MARK: What is not

  @Test("noise holds no frames: 1,000 streams, each in both roles")
  func noise() {
    var random = SeededGenerator.announced(#function)
    for _ in 0..<1000 {
      let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
      for isMasked in [false, true] { #expect(!isSure(search(SearchWindow(bytes), isMasked: isMasked, .unknown))) }
    }
  }

  @Test(
    "patterns hold no frames",
    arguments: [
      [0x00], [0x81], [0x82], [0x89], [0x8A], [0xFF], [0x82, 0x02], [0x82, 0x00], [0x81, 0x01], [0x8A, 0x00],
      [0x02, 0x02],
      [0x01, 0x00, 0x00, 0x00], [0x82, 0x06, 1, 2, 3, 4, 5, 6], [0x00, 0x02, 0x21, 0x1C],
    ] as [[UInt8]])
  func patterns(pattern: [UInt8]) {
    let bytes = [UInt8]((0..<8192).map { pattern[$0 % pattern.count] })
    for isMasked in [false, true] { #expect(!isSure(search(SearchWindow(bytes), isMasked: isMasked, .unknown))) }
  }

  @Test("running text in scripts whose letters end like frames begin holds no frames")
  func text() {
    var random = SeededGenerator.announced(#function)
    let words = ["с", "течением", "времени", "тут", "сто", "су", "та", "ß", "été", "的", "一", "在", "灯台", "ا", "ب", " "]
    let text = (0..<6000).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
    for isMasked in [false, true] {
      #expect(!isSure(search(SearchWindow(Array(text.utf8)), isMasked: isMasked, .unknown)))
    }
  }

  @Test("a chain that breaks is none, whatever came before")
  func broken() {
    var random = SeededGenerator.announced(#function)
    // A reserved opcode, RSV3, RSV2, a fragment of a ping, RSV1 on a ping.
    for first in [0x83, 0x91, 0xA1, 0x09, 0xC9] as [UInt8] {
      let bytes = frameBytes(0x81, json(&random)) + frameBytes(0x81, json(&random)) + frameBytes(first, Array("x".utf8))
      let chain = search(SearchWindow(bytes), isMasked: false, .agreed(isPerFrame: false))
      #expect(chain?.start != 0)
    }
  }

  @Test("a close code that may not be sent, a length in too many bytes and text that is none speak against a chain")
  func unlikely() {
    var random = SeededGenerator.announced(#function)
    let next = (0..<3).flatMap { _ in frameBytes(0x81, json(&random)) }
    for bytes in [frameBytes(0x88, [0x03, 0xED]), [0x82, 126, 0, 3, 1, 2, 3], frameBytes(0x81, [0xC0, 0x80, 0xFF])] {
      #expect(search(SearchWindow(bytes + next), isMasked: false)?.start == bytes.count)
    }
  }

  @Test("windows of every length up to a few headers are looked at without fault")
  func short() {
    var random = SeededGenerator.announced(#function)
    let bytes =
      frameBytes(0x81, json(&random), mask: key(&random)) + frameBytes(0x82, [UInt8](repeating: 1, count: 300))
    for start in 0..<min(60, bytes.count) {
      for end in start...bytes.count {
        for isMasked in [false, true] {
          _ = search(SearchWindow(Array(bytes[start..<end])), isMasked: isMasked, .unknown)
        }
      }
    }
  }
}
