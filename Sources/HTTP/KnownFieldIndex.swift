/// Where the known fields stand among the fields of a head.
struct KnownFieldIndex: Sendable {
  /// The index of the first of each; negative where there is none.
  private var first = InlineArray<10, Int32>(repeating: -1)
  /// Those that stand more than once, a bit each.
  private var repeated: UInt16 = 0

  /// `field` stands at `index`, behind those that were noted before.
  @inline(__always)
  mutating func note(_ field: KnownField, at index: Int) {
    let i = Int(field.rawValue)
    if first[i] >= 0 {
      repeated |= 1 << UInt16(field.rawValue)
    } else {
      first[i] = Int32(clamping: index)
    }
  }

  /// The index of the first `field`; nil if there is none.
  @inline(__always)
  func first(_ field: KnownField) -> Int? {
    let index = first[Int(field.rawValue)]
    return index < 0 ? nil : Int(index)
  }

  /// Whether there are several `field`.
  @inline(__always)
  func isRepeated(_ field: KnownField) -> Bool { repeated & 1 << UInt16(field.rawValue) != 0 }
}
