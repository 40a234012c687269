import Foundation
import TestSupport

@testable import WebSocket

/// What a real sender compressed with context takeover (`Tests/Fixtures/takeover`), and what it was.
struct TakeoverStream {
  let compressed: [[UInt8]]
  let plain: [[UInt8]]
  let windowBits: Int

  static let quotes = TakeoverStream("quotes", windowBits: 15)
  static let parcels = TakeoverStream("parcels", windowBits: 12)

  /// The stream in `name`.bin; empty if it cannot be read.
  init(_ name: String, windowBits: Int) {
    let url = SampleFiles.repository.appending(path: "Tests/Fixtures/takeover/\(name).bin")
    var rest = ((try? Data(contentsOf: url)).map { [UInt8]($0) } ?? [])[...]
    var compressed: [[UInt8]] = []
    while rest.count >= 2 {
      let length = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
      compressed.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    let frames = compressed.map { frame(.text, $0, rsv1: true) }
    self.init(compressed, MessageReading(frames, messageDeflate()).items.map(\.content), windowBits: windowBits)
  }

  init(_ compressed: [[UInt8]], _ plain: [[UInt8]], windowBits: Int) {
    self.compressed = compressed
    self.plain = plain
    self.windowBits = windowBits
  }

  /// The same texts as another encoder compresses them.
  func encoded(_ deflater: Deflater) -> TakeoverStream {
    TakeoverStream(plain.map { deflater.message($0) }, plain, windowBits: 15)
  }
}

/// What is recovered of a stream after losses.
struct Recovery {
  /// Messages that came of the others than the lost ones, from the first loss on, until the window was whole again.
  private(set) var affectedBytes = 0
  private(set) var known = 0
  private(set) var inferred = 0
  private(set) var wrong = 0
  private(set) var inferredWrong = 0
  private(set) var wrongLengths = 0
  /// Of the affected bytes, those since a length was inferred.
  private(set) var bytesSinceInference = 0
  private(set) var thereSinceInference = 0
  private(set) var losses = 0
  private(set) var events: [ContextEvents] = []
  /// What searches took, and what paid for them.
  private(set) var searchCredit = SearchCredit()
  private(set) var compressedBytes = 0

  private var isAffected = false
  private var isInferred = false

  /// Reads `stream` without what `lose` says, given the number of a message and of its bytes: the range of bytes that are
  /// lost, or nil. Shows each message, and what is known of it, to `see`.
  init(
    _ stream: TakeoverStream, startsKnown: Bool = true, infers: Bool = true, lose: (Int, Int) -> Range<Int>?,
    see: (Message, [UInt8]) -> Void = { _, _ in }
  ) {
    var assembler = MessageAssembler(
      compression: messageDeflate(windowBits: stream.windowBits), limits: MessageLimits(), isContextKnown: startsKnown)
    assembler.infersLengths = infers
    var buffer = InflateBuffer()
    isAffected = !startsKnown
    for (number, payload) in stream.compressed.enumerated() {
      let header = FrameHeader(firstByte: 0xC1, secondByte: 0, maskingKey: 0, payloadLength: UInt64(payload.count))
      let lost = lose(number, payload.count)
      if let lost {
        losses += 1
        isAffected = true
        isInferred = false
        if lost.count == payload.count {
          assembler.loseContext()
          continue
        }
      }
      assembler.begin(header)
      let span = payload.span.bytes
      assembler.payload(span.extracting(0..<(lost?.lowerBound ?? payload.count)), &buffer)
      compressedBytes += payload.count - (lost?.count ?? 0)
      if let lost {
        assembler.missing(UInt64(lost.count))
        assembler.payload(span.extracting(lost.upperBound..<payload.count), &buffer)
      }
      let ended = assembler.end(header, &buffer)
      searchCredit = assembler.searchCredit
      guard let message = ended else { continue }
      let content = assembler.takeContent()
      see(message, content)
      let unknown = assembler.takeUnknown()
      let news = assembler.takeContextEvents()
      if !news.isEmpty { events.append(news) }
      if news.contains(.inferred) { isInferred = true }
      if lost == nil, isAffected { compare(message, content, unknown, stream.plain[number]) }
      if news.contains(.restored) {
        isAffected = false
        isInferred = false
      }
    }
  }

  private mutating func compare(_ message: Message, _ content: [UInt8], _ unknown: [Range<UInt64>], _ plain: [UInt8]) {
    affectedBytes += plain.count
    guard message.length == UInt64(plain.count), message.isLengthKnown else {
      wrongLengths += 1
      return
    }
    var rest = plain[...]
    var there: [UInt8] = []
    for range in unknown {
      there += rest.prefix(Int(range.lowerBound) - rest.startIndex)
      rest = rest[Int(range.upperBound)...]
    }
    there += rest
    if there.count != content.count { wrongLengths += 1 }
    let faults = zip(there, content).count { $0 != $1 }
    if message.inference == nil {
      known += content.count
      wrong += faults
    } else {
      inferred += content.count
      inferredWrong += faults
    }
    if isInferred {
      bytesSinceInference += plain.count
      thereSinceInference += content.count
    }
  }

  func share(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
  /// Of the affected bytes, those that are there.
  var recovered: Double { share(known + inferred, affectedBytes) }
  /// Of the affected bytes since a length was inferred, those that are there.
  var recoveredSinceInference: Double { share(thereSinceInference, bytesSinceInference) }

  var summary: String {
    let percent = [recovered, share(known, affectedBytes), recoveredSinceInference].map { "\(Int($0 * 1000) / 10) %" }
    return "\(losses) losses, \(affectedBytes) bytes affected: \(percent[0]) there, \(percent[1]) in messages without"
      + " inferred bytes; since a length was inferred, \(percent[2]); \(inferredWrong) inferred bytes wrong"
  }
}
