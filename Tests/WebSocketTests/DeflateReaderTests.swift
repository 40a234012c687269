import Bytes
import TestSupport
import Testing

@testable import WebSocket

/// What the reader makes of a message: its content, where it refers to nothing before it.
private func content(_ pieces: [[UInt8]]) -> (bytes: [UInt8], isMessage: Bool) {
  var reader = DeflateReader()
  var content: [UInt8] = []
  for piece in pieces {
    var position = 0
    while let event = reader.next(piece.span.bytes, &position) {
      switch event {
      case .literal(let byte): content.append(byte)
      case .stored(let range): content += piece[range]
      case .copy(let length, let distance):
        for _ in 0..<length { content.append(distance <= content.count ? content[content.count - distance] : 0x3F) }
      }
    }
    if !reader.isDamaged { precondition(position == piece.count, "all bytes are taken") }
  }
  return (content, reader.endMessage())
}

private func shape(_ payload: some Sequence<UInt8>, isComplete: Bool) -> DeflateShape {
  let payload = Array(payload)
  return DeflateShape.check(payload.span.bytes, isComplete: isComplete)
}

/// What zlib thinks of a message whose window is full.
private struct Oracle {
  private let inflater = Inflater()
  private var buffer = [UInt8](repeating: 0, count: 32_768)
  private let full = Deflater(level: 0).message([UInt8](repeating: 0x3F, count: 32_768))

  mutating func accepts(_ payload: [UInt8]) -> Bool {
    let full = self.full
    inflater.reset()
    _ = inflater.inflate(full.span.bytes, through: &buffer) { _ in }
    _ = inflater.endMessage(through: &buffer)
    return inflater.inflate(payload.span.bytes, through: &buffer) { _ in } && inflater.endMessage(through: &buffer)
  }

  mutating func acceptsPrefix(_ payload: [UInt8]) -> Bool {
    _ = accepts([])
    return inflater.inflate(payload.span.bytes, through: &buffer) { _ in }
  }
}

@Suite("DEFLATE read without a window, RFC 1951")
struct DeflateReaderTests {
  /// Compressors of every kind, each with an empty window.
  private static var deflaters: [Deflater] {
    [0, 1, 6, 9].map { Deflater(level: $0) } + Deflater.Strategy.allCases.map { Deflater(strategy: $0) }
  }

  private static func text(_ random: inout SeededGenerator, count: Int) -> [UInt8] {
    let words = ["\"price\":", "{\"id\":", "},", "true", " the quick", " brown fox ", "☃", "0.1", "\\u0041"]
    var bytes: [UInt8] = []
    while bytes.count < count {
      bytes += words.randomElement(using: &random).map { Array($0.utf8) } ?? []
      if Bool.random(using: &random) { bytes += random.bytes(0...6) }
    }
    return Array(bytes.prefix(count))
  }

  @Test("gives back what was compressed, in every way and in pieces of every size")
  func contents() {
    var random = SeededGenerator.announced("DEFLATE read without a window")
    for count in [0, 1, 2, 3, 10, 100, 3000, 70_000] {
      let plain = count % 2 == 0 ? Self.text(&random, count: count) : random.bytes(count...count)
      let finished = Self.deflaters.map { $0.finished(plain) }
      let messages = Self.deflaters.map { $0.message(plain) } + Self.deflaters.map { $0.flushed(plain) } + finished
      for message in messages + finished.map({ $0 + [0] }) {
        let result = content([message])
        #expect(result.isMessage && result.bytes == plain, "\(count) bytes")
        #expect(shape(message, isComplete: true) == .message)
      }
    }
  }

  @Test("the same in all pieces, and every beginning is a beginning")
  func pieces() {
    var random = SeededGenerator(seed: 4)
    for deflater in Self.deflaters {
      let message = deflater.message(Self.text(&random, count: 700))
      let reading = readEveryWay(message) { pieces in
        let result = content(pieces)
        return result.isMessage ? result.bytes : []
      }
      #expect(reading.difference == nil && reading.whole.count == 700)
      for end in 0...message.count {
        #expect(shape(message[..<end], isComplete: false) == .prefix)
      }
    }
  }

  @Test("damaged, random and cut data is to it what it is to zlib")
  func verdicts() {
    var random = SeededGenerator.announced("DEFLATE verdicts")
    var oracle = Oracle()
    var counts = [0, 0]
    for round in 0..<12_000 {
      var payload = random.bytes(0...40)
      if round % 2 == 0 {
        payload = Self.deflaters[round / 2 % 7].message(Self.text(&random, count: round % 500))
        for _ in 0..<Int.random(in: 0...3, using: &random) where !payload.isEmpty {
          payload[Int.random(in: 0..<min(payload.count, 80), using: &random)] ^=
            1 << UInt8.random(in: 0..<8, using: &random)
        }
        if round % 3 == 0 { payload = Array(payload.prefix(Int.random(in: 0...payload.count, using: &random))) }
      }
      let isMessage = oracle.accepts(payload)
      counts[isMessage ? 1 : 0] += 1
      #expect((shape(payload, isComplete: true) == .message) == isMessage, "\(payload)")
      let isPrefix = shape(payload, isComplete: false) == .prefix
      // zlib notices some faults a few bits later.
      #expect(!isMessage || isPrefix)
      let isPrefixToZlib = oracle.acceptsPrefix(payload)
      #expect(!isPrefix || isPrefixToZlib, "\(payload)")
    }
    #expect(counts.allSatisfy { $0 > 500 }, "\(counts)")
  }

  @Test("every message of a stream is one, whatever it refers to")
  func takeover() {
    var random = SeededGenerator(seed: 5)
    let deflater = Deflater()
    for _ in 0..<200 {
      let message = deflater.message(Self.text(&random, count: 300))
      #expect(shape(message, isComplete: true) == .message)
      #expect(shape(message.dropLast(2), isComplete: true) == .damaged)
    }
  }

  @Test("random bytes are hardly ever a message")
  func noise() {
    var random = SeededGenerator(seed: 6)
    let count = (0..<2000).count { _ in
      shape(random.bytes(100...100), isComplete: true) == .message
    }
    #expect(count < 20, "\(count) of 2000")
  }
}
