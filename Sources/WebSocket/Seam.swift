/// A place in a text at which two pieces meet, of which one at least was copied from a text at an unknown distance: the
/// two bytes before it and the two behind it.
struct Seam {
  /// Which of the bytes were copied.
  enum Kind {
    /// The two behind it, and from places next to each other.
    case begin
    /// The two before it, and from places next to each other.
    case end
    /// Two copies meet.
    case both
    /// Any others.
    case mixed
  }

  /// Where the bytes stand in the older text if the distance is the least; a known byte stands behind the text's end.
  let sources: InlineArray<4, Int>
  let kind: Kind
  /// The candidates, counted from the least distance, at which what was copied lies in the older text.
  let candidates: Range<Int>

  /// Nil if nothing was copied, or nothing can be told of it.
  ///
  /// - Parameter count: bytes of the older text.
  init?(_ sources: InlineArray<4, Int>, olderCount count: Int) {
    self.sources = sources
    var (first, last, copied) = (Int.max, Int.min, 0)
    for i in 0..<4 where sources[i] < count {
      first = min(first, sources[i])
      last = max(last, sources[i])
      copied |= 1 << i
    }
    guard copied != 0, max(0, -first) < count - last else { return nil }
    candidates = max(0, -first)..<count - last
    let isFirstWhole = sources[1] == sources[0] + 1
    let isSecondWhole = sources[3] == sources[2] + 1
    switch copied {
    case 0b1100 where isSecondWhole: kind = .begin
    case 0b0011 where isFirstWhole: kind = .end
    case 0b1111 where isFirstWhole && isSecondWhole && sources[2] == sources[1] + 1: return nil
    default: kind = copied & 0b0110 == 0b0110 ? .both : .mixed
    }
  }
}
