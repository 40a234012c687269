import Bytes

/// A string of JSON that holds several lines, as a frame of STOMP that SockJS carries: names and values stand in those as in header fields.
struct EscapedLines {
  private static let backslash: UInt8 = 0x5C

  /// What the string means; what is not ASCII and spelled out stands for one byte that is none.
  private var meaning: [UInt8] = []
  /// Where each byte of it is spelled.
  private var places: [Int] = []
  private let end: Int

  /// The string in `range` of `text`, without its quotes; nil if it has no line's end.
  init?(_ range: Range<Int>, _ text: RawSpan) {
    end = range.upperBound
    var (place, hasLines) = (range.lowerBound, false)
    while place < range.upperBound {
      places.append(place)
      guard text.u8(place) == Self.backslash, place + 1 < range.upperBound else {
        meaning.append(text.u8(place))
        place += 1
        continue
      }
      let letter = text.u8(place + 1)
      place += 2
      var digits = ""
      while letter == UInt8(ascii: "u"), digits.count < 4, place < range.upperBound {
        digits.unicodeScalars.append(Unicode.Scalar(text.u8(place)))
        place += 1
      }
      let byte = Self.byte(letter, digits)
      hasLines = hasLines || byte == 0x0A || byte == 0x0D
      meaning.append(byte)
    }
    if !hasLines { return nil }
  }

  /// RFC 8259 §7.
  private static func byte(_ letter: UInt8, _ digits: String) -> UInt8 {
    switch letter {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "u"): UInt16(digits, radix: 16).flatMap { $0 < 0x80 ? UInt8($0) : nil } ?? 0xFF
    default: letter
    }
  }

  /// Puts as many stars in the place of the values, in `bytes`, which has the string in the same place.
  func hide(_ values: NamedValues, in bytes: inout [UInt8]) {
    var hidden = meaning
    values.hide(in: &hidden)
    for index in meaning.indices where hidden[index] != meaning[index] {
      let next = index + 1 < places.count ? places[index + 1] : end
      for place in places[index]..<next { bytes[place] = 0x2A }
    }
  }
}
