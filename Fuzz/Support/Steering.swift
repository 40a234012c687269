/// An input read as decisions. Where it is over, all decisions are 0.
struct Steering {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isOver: Bool { position >= bytes.count }

  mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  /// 0 to 65,535.
  mutating func word() -> Int { Int(byte()) << 8 | Int(byte()) }

  mutating func long() -> UInt32 { UInt32(word()) << 16 | UInt32(word()) }

  mutating func flag() -> Bool { byte() & 1 == 1 }

  /// The next `count` bytes, or all that are left.
  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(position + count, bytes.count)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  mutating func rest() -> [UInt8] { take(bytes.count) }
}

/// Chance that depends on an input alone, so that a finding can be played again.
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(_ bytes: [UInt8]) {
    state = 0xCBF2_9CE4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Sizes of pieces that make `count` bytes together: mostly short, a few long.
  mutating func pieces(of count: Int) -> [Int] {
    var pieces: [Int] = []
    var left = count
    while left > 0 {
      let limit = [1, 4, 40, 400][Int(truncatingIfNeeded: next() & 3)]
      let piece = min(left, Int(truncatingIfNeeded: next() % UInt64(limit)) + 1)
      pieces.append(piece)
      left -= piece
    }
    return pieces
  }
}
