/// A filter as a tree.
indirect enum FilterNode {
  case and([FilterNode])
  case or([FilterNode])
  /// Whether an odd number of them holds.
  case xor([FilterNode])
  case not(FilterNode)
  case test(Operand, FilterTest)
}

/// What a test looks at.
enum Operand: Equatable {
  /// The value with this number.
  case value(Int)
  /// The values at the path with this number.
  case json(Int)
}

/// What is asked of an operand. Of one with several values, any may fulfil it; none of one that is absent.
enum FilterTest {
  /// Whether it is there.
  case isPresent
  /// Whether it is there and true.
  case isTrue
  /// How it compares to any of these, which are the same literal as several types have it.
  case compare(Comparison, [Literal])
  case compareTo(Comparison, Operand)
  case among([ClosedLiteralRange])
  /// Whether it is there, and none of its values is among these.
  case amongNone([ClosedLiteralRange])
  case contains([UInt8])
  /// Whether the regular expression with this number is found in it.
  case matches(Int)
}

/// One of `== != < <= > >=`. `!=` holds if all values differ.
enum Comparison: String {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// By mark or word.
  static let names: [String: Comparison] = [
    "==": .equal, "eq": .equal, "!=": .notEqual, "ne": .notEqual, "<": .less, "lt": .less,
    "<=": .lessOrEqual, "le": .lessOrEqual, ">": .greater, "gt": .greater, ">=": .greaterOrEqual, "ge": .greaterOrEqual,
  ]

  /// The comparison that holds the other way round.
  var mirrored: Comparison {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// Whether two values that compare as `order` (less than 0, 0, more) fulfil it. `!=` is asked for each value apart.
  @inline(__always)
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

/// One element of a set: `8..10`, or `8` alone.
struct ClosedLiteralRange {
  /// The literal, or the lower end, as one type has it.
  var lower: Literal
  /// The upper end; nil for a literal alone.
  var upper: Literal?
}
