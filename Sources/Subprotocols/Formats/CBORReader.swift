import Bytes

/// Reads the items of CBOR (RFC 8949 §3).
public struct CBORReader: DataReader {
  /// Where the next item begins.
  public private(set) var position: Int
  /// Why there is no next item; nil as long as there is one.
  public private(set) var fault: DataFault?

  /// A reader that begins at `position`.
  public init(from position: Int) { self.position = position }

  /// The next item of `bytes`; nil if there is none.
  public mutating func next(_ bytes: RawSpan) -> DataItem? {
    guard fault == nil, position >= 0, position < bytes.byteCount else { return fail(fault ?? .cut) }
    let first = bytes.u8(position)
    position += 1
    let (major, information) = (first >> 5, first & 0x1F)
    if information == 31 { return endless(bytes, first) }
    guard let argument = argument(bytes, first) else { return nil }
    switch major {
    case 0: return .unsigned(argument)
    case 1: return .negative(argument)
    case 2: return run(bytes, argument).map { .data($0) }
    case 3: return run(bytes, argument).map { .text($0) }
    case 4: return .array(argument)
    case 5: return .map(argument)
    case 6: return .tag(argument)
    default: return simple(information, argument)
    }
  }

  private mutating func fail(_ why: DataFault) -> DataItem? {
    fault = why
    return nil
  }

  /// The number in the first byte, or behind it.
  private mutating func argument(_ bytes: RawSpan, _ first: UInt8) -> UInt64? {
    let information = first & 0x1F
    guard information >= 24 else { return UInt64(information) }
    guard information < 28 else {
      fault = .reserved(first)
      return nil
    }
    let count = 1 << Int(information - 24)
    guard count <= bytes.byteCount - position else {
      fault = .cut
      return nil
    }
    defer { position += count }
    return bytes.unsigned(position, bytes: count)
  }

  private mutating func simple(_ information: UInt8, _ argument: UInt64) -> DataItem? {
    switch information {
    case 20: return .boolean(false)
    case 21: return .boolean(true)
    case 22: return .null
    case 23: return .undefined
    case 24: return argument < 32 ? fail(.longSimpleValue) : .simple(UInt8(truncatingIfNeeded: argument))
    case 25: return .float(Self.half(UInt16(truncatingIfNeeded: argument)))
    case 26: return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: argument))))
    case 27: return .float(Double(bitPattern: argument))
    default: return .simple(information)
    }
  }

  /// The number that the half-precision `bits` stand for (RFC 8949, appendix D).
  private static func half(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    let magnitude: Double =
      switch exponent {
      case 0: fraction / 16_777_216
      case 31: fraction == 0 ? .infinity : .nan
      default: (fraction + 1024) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }

  private mutating func run(_ bytes: RawSpan, _ length: UInt64) -> Range<Int>? {
    guard length <= UInt64(bytes.byteCount - position) else {
      fault = .cut
      return nil
    }
    let start = position
    position += Int(length)
    return start..<position
  }

  // MARK: What does not say how long it is (RFC 8949 §3.2)

  private mutating func endless(_ bytes: RawSpan, _ first: UInt8) -> DataItem? {
    switch first >> 5 {
    case 2, 3: return pieces(bytes, first >> 5)
    case 4: return .array(nil)
    case 5: return .map(nil)
    case 7: return .end
    default: return fail(.reserved(first))
    }
  }

  /// Text or bytes in pieces, which have a length each.
  private mutating func pieces(_ bytes: RawSpan, _ major: UInt8) -> DataItem? {
    let start = position
    while position < bytes.byteCount {
      let first = bytes.u8(position)
      position += 1
      if first == 0xFF { return .pieces(isText: major == 3, start..<position - 1) }
      guard first >> 5 == major, first & 0x1F != 31 else { return fail(.foreignPiece) }
      guard let length = argument(bytes, first), run(bytes, length) != nil else { return nil }
    }
    return fail(.cut)
  }

  /// The bytes of all the pieces in `range`; no more once there are `most`.
  static func joined(_ bytes: RawSpan, _ range: Range<Int>, most: Int) -> [UInt8] {
    var reader = CBORReader(from: range.lowerBound)
    var joined: [UInt8] = []
    while reader.position < range.upperBound, joined.count < most, let item = reader.next(bytes) {
      guard case .text(let piece) = item.asText else { break }
      bytes.extracting(piece).withUnsafeBytes { joined.append(contentsOf: $0) }
    }
    return joined
  }
}

extension DataItem {
  /// Bytes as if they were text.
  fileprivate var asText: DataItem { if case .data(let range) = self { .text(range) } else { self } }
}
