/// For each place of a text: how long a string begins there that stands in the text again, further on.
///
/// An encoder that looks for the nearest of the longest copies, as all do that are in use, never refers to a string that
/// stands again nearer by. So few places can be what a reference of some length means, and which, one byte a place tells.
struct Recurrence {
  /// The lengths that are told apart.
  private static let levels: [Int] = [3, 4, 5, 6, 8, 11, 16]
  /// Logarithm of the number of slots in which places are remembered.
  private static let slotBits = 15

  /// By place: the greatest of the levels at which the string there stands again; 0 at none.
  private(set) var lengths: [UInt8]
  /// By place: how many bytes are known from there on; 255 at most.
  private(set) var known: [UInt8]
  /// Number of places, by the number of the level, at which a string so long is known, and at which it stands again.
  private(set) var counts: [(known: Int, again: Int)] = []

  /// So much of a text is looked at, from its end: an encoder refers to the nearest, so most references end there.
  static let mostBytes = 16_384

  /// Looks at the end of a text.
  init(_ text: [WindowByte]) {
    let text = Array(text.suffix(Self.mostBytes))
    let count = text.count
    lengths = [UInt8](repeating: 0, count: count)
    known = [UInt8](repeating: 0, count: count)
    // With seven bytes more, so that eight can be read at every place.
    let bytes = text.map { $0.isThere ? $0.byte : 0 } + [UInt8](repeating: 0, count: 7)
    measure(text)
    var slots = [UInt16](repeating: .max, count: 1 << Self.slotBits)
    for level in Self.levels { look(bytes, level, &slots) }
  }

  /// Bytes of memory that it takes, about.
  var heldBytes: Int { lengths.count + known.count }

  /// Steps that it takes for so many bytes (`SearchCredit`).
  static func steps(_ count: Int) -> Int { 5_000 + 14 * min(count, mostBytes) }

  /// The number of the level that answers for a reference of this length; nil where none does.
  static func level(of length: Int) -> Int? { levels.firstIndex { $0 >= length } }

  /// The length that a level stands for.
  static func length(ofLevel level: Int) -> UInt8 { UInt8(truncatingIfNeeded: levels[level]) }

  private mutating func measure(_ text: [WindowByte]) {
    var run = 0
    for i in lengths.indices.reversed() {
      run = text[i].isThere ? run + 1 : 0
      known[i] = UInt8(truncatingIfNeeded: min(run, 255))
    }
  }

  /// Finds the strings of this length, 16 at most, that stand again. A place whose slot was taken by another string in
  /// between passes for one that does not.
  private mutating func look(_ bytes: [UInt8], _ length: Int, _ slots: inout [UInt16]) {
    let mask = UInt64.max >> UInt64(64 - 8 * min(length, 8))
    let rest = max(length - 8, 0)
    let (level, last) = (UInt8(truncatingIfNeeded: length), lengths.count - length)
    var number = (known: 0, again: 0)
    bytes.withUnsafeBytes { bytes in
      known.withUnsafeBufferPointer { known in
        lengths.withUnsafeMutableBufferPointer { lengths in
          slots.withUnsafeMutableBufferPointer { slots in
            @inline(__always)
            func load(_ i: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self) }
            for i in stride(from: last, through: 0, by: -1) where known[i] >= level {
              number.known &+= 1
              let (first, second) = (load(i) & mask, load(i &+ rest))
              let mixed = (first ^ (rest > 0 ? second &* 0x9E37_79B9_7F4A_7C15 : 0)) &* 0xFF51_AFD7_ED55_8CCD
              let slot = Int(truncatingIfNeeded: mixed >> UInt64(64 - Self.slotBits))
              let found = Int(slots[slot])
              slots[slot] = UInt16(truncatingIfNeeded: i)
              // What stands in the slot may be left from another length, which makes no difference. Without branches, as
              // nobody can tell what comes.
              let other = found > last ? i : found
              var difference = (load(other) & mask) ^ first
              if rest > 0 { difference |= load(other &+ rest) ^ second }
              let isAgain = difference == 0 ? other > i ? UInt8.max : 0 : 0
              lengths[i] = (lengths[i] & ~isAgain) | (level & isAgain)
              number.again &+= Int(isAgain & 1)
            }
          }
        }
      }
    }
    counts.append(number)
  }
}
