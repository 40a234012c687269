import Bytes

/// Reads DEFLATE data (RFC 1951) as literals and references, without what they refer to: that which is written in a
/// message can be read although earlier ones are lost.
///
/// Holds no more than two Huffman codes, some 4 KB, and takes data in pieces of any size. What is sound is what is sound to
/// zlib, but that every distance up to 32,768 is.
struct DeflateReader {
  /// What the data says next.
  enum Event: Equatable {
    /// A byte.
    case literal(UInt8)
    /// This range of the bytes that were given, 4,096 at most.
    case stored(Range<Int>)
    /// `length` bytes, 3 to 258, that stand `distance` bytes back, 1 to 32,768; the two may overlap.
    case copy(length: Int, distance: Int)
  }

  private enum State: Equatable {
    case blockHeader
    case storedLength
    case stored(remaining: Int)
    case codeCounts
    case codeLengthLengths(read: Int)
    case codeLengths(read: Int)
    case symbols
    case damaged
  }

  private var state = State.blockHeader
  private var isFinalBlock = false
  /// Bits that were taken from the bytes but not used, the next one lowest; above `bitCount`, bits of bytes to come.
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var literalCount = 0
  private var distanceCount = 0
  private var codeLengthCount = 0
  private var lengths = InlineArray<320, UInt8>(repeating: 0)
  private var literals = HuffmanCode()
  private var distances = HuffmanCode()
  private var areCodesFixed = false

  /// Whether the data is not DEFLATE; then nothing more comes of it.
  var isDamaged: Bool { state == .damaged }
  /// Whether the data so far is a row of whole blocks, and the last byte has no bits left.
  var isBetweenBlocks: Bool { state == .blockHeader && bitCount == 0 }

  /// Begins a new row of blocks, on a byte's border.
  mutating func reset() {
    state = .blockHeader
    bits = 0
    bitCount = 0
  }

  /// What `bytes`, from `position` on, say next; nil when all of them are taken, or the data is damaged.
  mutating func next(_ bytes: RawSpan, _ position: inout Int) -> Event? {
    while true {
      refill(bytes, &position)
      if case .symbols = state {
        switch readSymbol() {
        case .event(let event): return event
        case .progress: continue
        case .over: return nil
        }
      }
      if case .stored(let remaining) = state {
        if remaining == 0 {
          endBlock()
          continue
        }
        return readStored(remaining, bytes, &position)
      }
      guard readHeader() else { return nil }
    }
  }

  /// Takes the four bytes that a sender leaves out at the end of a message (RFC 7692 §7.2.2). False if the data is damaged,
  /// or stops short of its end.
  mutating func endMessage() -> Bool {
    guard !isDamaged, !isBetweenBlocks else { return !isDamaged }
    let tail: InlineArray<4, UInt8> = [0, 0, 0xFF, 0xFF]
    var position = 0
    if next(tail.span.bytes, &position) != nil || !isBetweenBlocks { state = .damaged }
    return !isDamaged
  }

  // MARK: Bits

  @inline(__always)
  private mutating func refill(_ bytes: RawSpan, _ position: inout Int) {
    if bytes.byteCount &- position >= 8, bitCount < 48 {
      bits |= bytes.load(position, .little, as: UInt64.self) << UInt64(bitCount)
      let taken = (63 &- bitCount) >> 3
      position &+= taken
      bitCount &+= taken &* 8
    } else {
      while bitCount <= 48, position < bytes.byteCount {
        bits |= UInt64(bytes.u8(position)) << UInt64(bitCount)
        position &+= 1
        bitCount &+= 8
      }
    }
  }

  @inline(__always)
  private func low(_ count: Int) -> Int { Int(truncatingIfNeeded: bits & ((1 << UInt64(count)) &- 1)) }

  @inline(__always)
  private mutating func drop(_ count: Int) {
    bits >>= UInt64(count)
    bitCount &-= count
  }

  private mutating func fail() -> Bool {
    state = .damaged
    return false
  }

  // MARK: Blocks

  /// Reads the next part of a block's header. False if bits are missing, or they make no sense.
  private mutating func readHeader() -> Bool {
    switch state {
    case .blockHeader: readBlockHeader()
    case .storedLength: readStoredLength()
    case .codeCounts: readCodeCounts()
    case .codeLengthLengths(let read): readCodeLengthLength(read)
    case .codeLengths(let read): readCodeLength(read)
    case .symbols, .stored, .damaged: false
    }
  }

  /// RFC 1951 §3.2.3.
  private mutating func readBlockHeader() -> Bool {
    guard bitCount >= 3 else { return false }
    isFinalBlock = low(1) == 1
    let type = low(3) >> 1
    drop(3)
    switch type {
    case 0:
      drop(bitCount & 7)
      state = .storedLength
    case 1:
      beginFixedBlock()
    case 2:
      state = .codeCounts
    default:
      return fail()
    }
    return true
  }

  /// Another block may follow one with BFINAL=1, on the next byte's border (RFC 7692 §7.2.3.4).
  private mutating func endBlock() {
    if isFinalBlock { drop(bitCount & 7) }
    state = .blockHeader
  }

  /// RFC 1951 §3.2.4.
  private mutating func readStoredLength() -> Bool {
    guard bitCount >= 32 else { return false }
    let length = low(16)
    guard low(32) >> 16 == length ^ 0xFFFF else { return fail() }
    drop(32)
    state = .stored(remaining: length)
    return true
  }

  private mutating func readStored(_ remaining: Int, _ bytes: RawSpan, _ position: inout Int) -> Event? {
    if bitCount >= 8 {
      let byte = UInt8(truncatingIfNeeded: bits)
      drop(8)
      state = .stored(remaining: remaining - 1)
      return .literal(byte)
    }
    bits = 0  // what is above them is not taken, and is passed by below
    let start = position
    let end = start + min(remaining, bytes.byteCount - start, 4096)
    guard end > start else { return nil }
    position = end
    state = .stored(remaining: remaining - (end - start))
    return .stored(start..<end)
  }

  // MARK: Codes

  /// RFC 1951 §3.2.6.
  private mutating func beginFixedBlock() {
    state = .symbols
    guard !areCodesFixed else { return }
    for i in 0..<288 { lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8 }
    for i in 288..<320 { lengths[i] = 5 }
    areCodesFixed =
      literals.build(lengths.span.extracting(0..<288), for: .data)
      && distances.build(lengths.span.extracting(288..<320), for: .data)
  }

  /// RFC 1951 §3.2.7.
  private mutating func readCodeCounts() -> Bool {
    guard bitCount >= 14 else { return false }
    literalCount = low(5) + 257
    distanceCount = low(10) >> 5 + 1
    codeLengthCount = low(14) >> 10 + 4
    drop(14)
    guard literalCount <= 286, distanceCount <= 30 else { return fail() }
    for i in 0..<19 { lengths[i] = 0 }
    state = .codeLengthLengths(read: 0)
    return true
  }

  private static let codeLengthOrder: InlineArray<19, Int> = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private mutating func readCodeLengthLength(_ read: Int) -> Bool {
    if read == codeLengthCount {
      areCodesFixed = false
      guard literals.build(lengths.span.extracting(0..<19), for: .codeLengths) else { return fail() }
      state = .codeLengths(read: 0)
      return true
    }
    guard bitCount >= 3 else { return false }
    lengths[Self.codeLengthOrder[read]] = UInt8(truncatingIfNeeded: low(3))
    drop(3)
    state = .codeLengthLengths(read: read + 1)
    return true
  }

  private mutating func readCodeLength(_ read: Int) -> Bool {
    let total = literalCount + distanceCount
    if read == total { return finishCodes() }
    switch literals.decode(bits, count: bitCount) {
    case .short:
      return false
    case .invalid:
      return fail()
    case .symbol(let symbol, let used):
      if symbol < 16 {
        drop(used)
        lengths[read] = UInt8(truncatingIfNeeded: symbol)
        state = .codeLengths(read: read + 1)
        return true
      }
      let (extra, least) = symbol == 16 ? (2, 3) : symbol == 17 ? (3, 3) : (7, 11)
      guard bitCount >= used + extra else { return false }
      drop(used)
      let end = read + least + low(extra)
      drop(extra)
      guard end <= total, symbol != 16 || read > 0 else { return fail() }
      let length = symbol == 16 ? lengths[read - 1] : 0
      for i in read..<end { lengths[i] = length }
      state = .codeLengths(read: end)
      return true
    }
  }

  private mutating func finishCodes() -> Bool {
    // A block without a code for its end has none.
    guard lengths[256] > 0, literals.build(lengths.span.extracting(0..<literalCount), for: .data),
      distances.build(lengths.span.extracting(literalCount..<literalCount + distanceCount), for: .data)
    else { return fail() }
    state = .symbols
    return true
  }

  // MARK: Symbols

  private enum Step {
    case event(Event)
    case progress
    /// Bits are missing, or there will be nothing more.
    case over
  }

  /// RFC 1951 §3.2.5: the base of each length and distance, and the number of extra bits.
  private static let lengthBases: InlineArray<29, UInt16> = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthExtras: InlineArray<29, UInt8> = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]

  private mutating func failed() -> Step {
    state = .damaged
    return .over
  }

  @inline(__always)
  private mutating func readSymbol() -> Step {
    switch literals.decode(bits, count: bitCount) {
    case .short:
      return .over
    case .invalid:
      return failed()
    case .symbol(let symbol, let used):
      if symbol < 256 {
        drop(used)
        return .event(.literal(UInt8(truncatingIfNeeded: symbol)))
      }
      if symbol == 256 {
        drop(used)
        endBlock()
        return .progress
      }
      return readReference(symbol - 257, used)
    }
  }

  private mutating func readReference(_ lengthCode: Int, _ lengthBits: Int) -> Step {
    guard lengthCode < 29 else { return failed() }
    let lengthExtra = Int(Self.lengthExtras[lengthCode])
    let before = lengthBits + lengthExtra  // 20 at most
    guard bitCount >= before else { return .over }
    switch distances.decode(bits >> UInt64(before), count: bitCount - before) {
    case .short:
      return .over
    case .invalid:
      return failed()
    case .symbol(let code, let used):
      guard code < 30 else { return failed() }
      let extra = code < 4 ? 0 : code / 2 - 1
      guard bitCount >= before + used + extra else { return .over }
      drop(lengthBits)
      let length = Int(Self.lengthBases[lengthCode]) + low(lengthExtra)
      drop(lengthExtra + used)
      let base = code < 4 ? code : (2 + code & 1) << extra
      let distance = base + low(extra) + 1
      drop(extra)
      return .event(.copy(length: length, distance: distance))
    }
  }
}
