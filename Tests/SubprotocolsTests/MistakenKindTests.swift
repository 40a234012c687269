import Testing

@testable import Subprotocols

/// How often payloads are taken for what they are not. The rates are printed.
struct MistakenKindTests {
  private struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// What programs send in binary messages without a format that says so.
  enum Source: String, CaseIterable {
    case random, utf8, utf16, protobuf, integers, floats, samples, picture, msgpack, cbor

    /// The view that shows it; nil where none should.
    var view: String? {
      switch self {
      case .picture: "image"
      case .protobuf, .msgpack, .cbor: rawValue
      default: nil
      }
    }
  }

  private static let alphabets: [ClosedRange<UInt32>] = [
    0x20...0x7E, 0x61...0x7A, 0xC0...0x17F, 0x391...0x3C9, 0x410...0x44F, 0x5D0...0x5EA, 0x627...0x64A, 0x710...0x74F,
    0x905...0x939, 0x3041...0x30FE, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0x1F300...0x1F6FF,
  ]

  private static func bytes(_ source: Source, _ chance: inout Chance) -> [UInt8] {
    let count = Int.random(in: 2...(Bool.random(using: &chance) ? 12 : 120), using: &chance)
    switch source {
    case .random: return (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
    case .utf8: return Array(text(count, &chance).utf8)
    case .utf16:
      let isBig = Bool.random(using: &chance)
      return text(count, &chance).utf16.flatMap { unit in
        isBig ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
      }
    case .protobuf: return protobuf(3, &chance)
    case .integers:
      let width = [1, 2, 4, 8][Int.random(in: 0..<4, using: &chance)]
      let most = [2, 16, 300, 70_000][Int.random(in: 0..<4, using: &chance)]
      let isBig = Bool.random(using: &chance)
      return (0..<count).flatMap { _ in
        let value = UInt64(Int.random(in: 0...most, using: &chance))
        let shifts = (0..<width).map { UInt64($0 * 8) }
        return (isBig ? shifts.reversed() : shifts).map { UInt8(truncatingIfNeeded: value >> $0) }
      }
    case .floats:
      return (0..<count).flatMap { _ in
        let value = Float.random(in: -1000...1000, using: &chance).bitPattern
        return (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
    case .samples:
      var level = 0
      return (0..<count).flatMap { _ in
        level = max(min(level + Int.random(in: -200...200, using: &chance), 32_000), -32_000)
        return [UInt8(truncatingIfNeeded: level), UInt8(truncatingIfNeeded: level >> 8)]
      }
    case .picture:
      let head = [hex("ffd8ffe000104a464946"), hex("89504e470d0a1a0a"), hex("474946383961")]
      return head[Int.random(in: 0..<3, using: &chance)] + bytes(.random, &chance)
    case .msgpack: return value(4, isCBOR: false, &chance)
    case .cbor: return value(4, isCBOR: true, &chance)
    }
  }

  private static func text(_ count: Int, _ chance: inout Chance) -> String {
    let alphabet = alphabets[Int.random(in: 0..<alphabets.count, using: &chance)]
    var text = String.UnicodeScalarView()
    for _ in 0..<count {
      let isSpace = Int.random(in: 0..<7, using: &chance) == 0
      text.append(isSpace ? " " : Unicode.Scalar(UInt32.random(in: alphabet, using: &chance)) ?? " ")
    }
    return String(text)
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func protobuf(_ depth: Int, _ chance: inout Chance) -> [UInt8] {
    var bytes: [UInt8] = []
    for field in 1...Int.random(in: 2...6, using: &chance) {
      let number = UInt64(field)
      switch Int.random(in: 0..<6, using: &chance) {
      case 0: continue
      case 1: bytes += varint(number << 3) + varint(UInt64.random(in: 0...100_000, using: &chance))
      case 2: bytes += varint(number << 3) + [UInt8.random(in: 0...1, using: &chance)]
      case 3:
        let value = Double.random(in: -1000...1000, using: &chance).bitPattern
        bytes += varint(number << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      case 4 where depth > 0:
        let inner = protobuf(depth - 1, &chance)
        bytes += varint(number << 3 | 2) + varint(UInt64(inner.count)) + inner
      default:
        let text = Array(text(Int.random(in: 1...20, using: &chance), &chance).utf8)
        bytes += varint(number << 3 | 2) + varint(UInt64(text.count)) + text
      }
    }
    return bytes
  }

  /// A map, with values as programs have them.
  private static func value(_ depth: Int, isCBOR: Bool, _ chance: inout Chance) -> [UInt8] {
    let count = Int.random(in: 1...6, using: &chance)
    var bytes = [(isCBOR ? 0xA0 : 0x80) + UInt8(count)]
    for _ in 0..<count {
      bytes += short(String("abcdefghijklmnopqrst".shuffled(using: &chance).prefix(4)), isCBOR)
      switch Int.random(in: 0..<6, using: &chance) {
      case 0: bytes.append(UInt8.random(in: 0...23, using: &chance))
      case 1: bytes += isCBOR ? [0x19, 200, 7] : [0xCD, 200, 7]
      case 2: bytes.append(isCBOR ? 0xF5 : 0xC3)
      case 3:
        let number = Double.random(in: -1000...1000, using: &chance).bitPattern.bigEndian
        bytes += [isCBOR ? 0xFB : 0xCB] + withUnsafeBytes(of: number) { Array($0) }
      case 4 where depth > 0: bytes += value(depth - 1, isCBOR: isCBOR, &chance)
      default: bytes += short(String("hello world".shuffled(using: &chance)), isCBOR)
      }
    }
    return bytes
  }

  private static func short(_ text: String, _ isCBOR: Bool) -> [UInt8] {
    [(isCBOR ? 0x60 : 0xA0) + UInt8(text.utf8.count)] + Array(text.utf8)
  }

  /// How many may be taken for something else: 1 in 1000.
  private static let most = 0.001

  @Test("few payloads are taken for what they are not, and most are recognised that are", arguments: Source.allCases)
  func rates(_ source: Source) {
    var chance = Chance(state: 20_261_120)
    let runs = 5000
    var taken: [String: Int] = [:]
    let peers = ViewTester()
    for _ in 0..<runs {
      if let view = peers.binary(Self.bytes(source, &chance)) { taken[view.name, default: 0] += 1 }
    }
    print("of \(runs) \(source):", taken.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
    for (name, count) in taken where name != source.view {
      #expect(Double(count) <= Self.most * Double(runs), "\(count) of \(runs) \(source) are taken for \(name)")
    }
    if let view = source.view { #expect(taken[view, default: 0] > runs * 9 / 10) }
  }
}
