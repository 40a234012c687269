import Analysis
import JSON

/// Makes a tree of a filter, in time that grows with its length.
struct FilterParser {
  let filter: String
  private var lexemes: ArraySlice<Lexeme>
  var depth = 0
  private(set) var slots: [Slot] = []
  private(set) var paths: [JSONSource] = []
  private(set) var patterns: [RegularExpression] = []

  /// A value that the filter asks for.
  struct Slot {
    /// What it is called in the filter, functions and all.
    let name: String
    /// The fields, one for each type of record at most.
    let fields: [Field]
    /// What is made of their values, one after the other.
    let functions: [FieldFunction]
  }

  /// Parentheses and negations inside of each other.
  static let mostDepth = 100
  /// Tests that a filter may have.
  static let mostTests = 10_000
  private var tests = 0
  private static let keywords: Set<String> = [
    "and", "or", "xor", "in", "contains", "matches", "eq", "ne", "lt", "le", "gt", "ge",
  ]

  init(_ filter: String) throws(FilterError) {
    self.filter = filter
    lexemes = try FilterLexer.lexemes(of: filter)[...]
  }

  /// The tree of all of it.
  mutating func parse() throws(FilterError) -> FilterNode {
    let node = try alternatives()
    guard next.kind == .end else {
      if next.isMark(")") { throw fault("this parenthesis closes nothing") }
      throw fault("'and' or 'or' is missing before this", mistyped: ["and", "or", "xor", "contains", "matches", "in"])
    }
    return node
  }

  // MARK: Lexemes

  var next: Lexeme { lexemes.first ?? Lexeme(kind: .end, place: filter.utf8.count..<filter.utf8.count + 1) }

  @discardableResult
  mutating func take() -> Lexeme {
    let lexeme = next
    if lexeme.kind != .end { lexemes = lexemes.dropFirst() }
    return lexeme
  }

  func fault(_ reason: String, at lexeme: Lexeme? = nil, mistyped: [String] = []) -> FilterError {
    let lexeme = lexeme ?? next
    if case .word(let word) = lexeme.kind, !mistyped.isEmpty {
      return FilterError(filter, reason, lexeme.place, mistyped: (word, mistyped))
    }
    return FilterError(filter, reason, lexeme.place)
  }

  // MARK: Logic

  private mutating func alternatives() throws(FilterError) -> FilterNode {
    var nodes = [try differences()]
    while next.isWord("or") || next.isMark("||") {
      take()
      nodes.append(try differences())
    }
    return nodes.count == 1 ? nodes[0] : .or(nodes)
  }

  private mutating func differences() throws(FilterError) -> FilterNode {
    var nodes = [try all()]
    while next.isWord("xor") || next.isMark("^^") {
      take()
      nodes.append(try all())
    }
    return nodes.count == 1 ? nodes[0] : .xor(nodes)
  }

  private mutating func all() throws(FilterError) -> FilterNode {
    var nodes = [try negation()]
    while next.isWord("and") || next.isMark("&&") {
      take()
      nodes.append(try negation())
    }
    return nodes.count == 1 ? nodes[0] : .and(nodes)
  }

  private mutating func negation() throws(FilterError) -> FilterNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.mostDepth else { throw fault("the filter is nested deeper than \(Self.mostDepth)") }
    if next.isWord("not") || next.isMark("!") {
      take()
      return .not(try negation())
    }
    if next.isMark("(") {
      let open = take()
      let node = try alternatives()
      guard next.isMark(")") else {
        if next.kind == .end { throw fault("this parenthesis is not closed", at: open) }
        throw fault("')', 'and' or 'or' is missing before this")
      }
      take()
      return node
    }
    tests += 1
    guard tests <= Self.mostTests else { throw fault("the filter has more than \(Self.mostTests) tests") }
    return try test()
  }

  // MARK: Tests

  private mutating func test() throws(FilterError) -> FilterNode {
    let lexeme = take()
    switch lexeme.kind {
    case .word(let word):
      if let subject = try subject(word, lexeme) { return try test(of: subject, lexeme) }
      if Self.keywords.contains(word) { throw fault("a field is missing before this", at: lexeme) }
      try checkComparison(next)
      let mayBeLiteral = word.utf8.first.map { $0 < 0x41 } == true || word.contains(":")
      if mayBeLiteral, let comparison = comparison(next) { return try mirrored(lexeme, comparison) }
      if word.first?.isNumber == true {
        throw fault("a number alone says nothing; compare a field with it", at: lexeme)
      }
      throw unknown(word, lexeme)
    case .string:
      if let comparison = comparison(next) { return try mirrored(lexeme, comparison) }
      throw fault("a string alone says nothing; search for it with -g, or say: text contains \"…\"", at: lexeme)
    case .end:
      throw fault(filter.utf8.allSatisfy { $0 <= 0x20 } ? "the filter is empty" : "a field is missing here", at: lexeme)
    case .mark:
      throw fault("a field is missing before this", at: lexeme)
    }
  }

  private func comparison(_ lexeme: Lexeme) -> Comparison? {
    switch lexeme.kind {
    case .word(let word), .mark(let word): Comparison.names[word]
    case .string, .end: nil
    }
  }

  /// Throws for a sign that is none, but in other languages.
  private func checkComparison(_ lexeme: Lexeme) throws(FilterError) {
    if lexeme.isMark("=") { throw fault("'=' compares nothing; did you mean '=='?", at: lexeme) }
    if lexeme.isMark("===") {
      throw fault("did you mean '=='? It is true of any value; 'not … !=' is of all", at: lexeme)
    }
    if lexeme.isMark("!==") { throw fault("did you mean '!='? It is true if all values differ", at: lexeme) }
  }

  private mutating func test(of subject: FilterSubject, _ lexeme: Lexeme) throws(FilterError) -> FilterNode {
    try checkComparison(next)
    if let comparison = comparison(next) {
      take()
      return try compare(subject, comparison)
    }
    if next.isWord("in") || next.isMark("{") {
      if next.isWord("in") { take() }
      return try membership(subject)
    }
    if next.isWord("not"), lexemes.dropFirst().first?.isWord("in") == true {
      take()
      take()
      return try membership(subject, isNegated: true)
    }
    if next.isWord("contains") { return try contains(subject) }
    if next.isWord("matches") || next.isMark("~") { return try matches(subject) }
    if subject.functions.isEmpty, subject.fields.contains(where: { $0.type == .bool && !$0.isAlias }) {
      return .test(operand(subject) { $0 == .bool }, .isTrue)
    }
    return .test(operand(subject) { _ in true }, .isPresent)
  }

  /// The operand for those fields of `subject` whose type is accepted.
  private mutating func operand(_ subject: FilterSubject, _ isAccepted: (FieldType) -> Bool) -> Operand {
    if let path = subject.path {
      if let i = paths.firstIndex(of: path) { return .json(i) }
      paths.append(path)
      return .json(paths.count - 1)
    }
    let fields = subject.fields.filter { subject.type($0).map(isAccepted) ?? false }
    let kinds = fields.map(\.kinds)
    for i in slots.indices where slots[i].name == subject.name && slots[i].fields.map(\.kinds) == kinds {
      return .value(i)
    }
    slots.append(Slot(name: subject.name, fields: fields, functions: subject.functions))
    return .value(slots.count - 1)
  }

  /// `5 < length`.
  private mutating func mirrored(_ literal: Lexeme, _ comparison: Comparison) throws(FilterError) -> FilterNode {
    take()
    let lexeme = take()
    guard case .word(let word) = lexeme.kind, let subject = try subject(word, lexeme) else {
      throw fault("one side of a comparison must be a field", at: lexeme, mistyped: FieldTable.names)
    }
    return try compare(subject, comparison.mirrored, to: literal)
  }

  private mutating func compare(_ subject: FilterSubject, _ comparison: Comparison) throws(FilterError) -> FilterNode {
    let lexeme = take()
    if literals(lexeme, subject.types).isEmpty, case .word(let word) = lexeme.kind,
      let other = try self.subject(word, lexeme)
    {
      let kinds = other.types.map(Self.kind), known = subject.types.map(Self.kind)
      let word = other.name
      guard subject.path != nil || other.path != nil || kinds.contains(where: known.contains) else {
        throw fault(
          "\(subject.name) is \(subject.typeName), and \(word) \(other.typeName); "
            + "give \(subject.types.map { Literal.expected($0) }.first ?? "")", at: lexeme)
      }
      let left = operand(subject) { subject.path != nil || other.path != nil || kinds.contains(Self.kind($0)) }
      let right = operand(other) { subject.path != nil || other.path != nil || known.contains(Self.kind($0)) }
      return .test(left, .compareTo(comparison, right))
    }
    return try compare(subject, comparison, to: lexeme)
  }

  private mutating func compare(
    _ subject: FilterSubject, _ comparison: Comparison, to lexeme: Lexeme
  ) throws(FilterError) -> FilterNode {
    let found = try checkedLiterals(lexeme, subject)
    if ![.equal, .notEqual].contains(comparison), subject.types == [.bool] {
      throw fault("\(subject.name) is true or false, and nothing between", at: lexeme)
    }
    let operand = operand(subject) { type in Literal(lexeme, for: type) != nil }
    return .test(operand, .compare(comparison, found))
  }

  /// What `lexeme` means for each of `types`, each meaning once.
  private func literals(_ lexeme: Lexeme, _ types: [FieldType]) -> [Literal] {
    var found: [Literal] = []
    for type in types {
      if let literal = Literal(lexeme, for: type), !found.contains(literal) { found.append(literal) }
    }
    return found
  }

  private func checkedLiterals(_ lexeme: Lexeme, _ subject: FilterSubject) throws(FilterError) -> [Literal] {
    let found = literals(lexeme, subject.types)
    guard found.isEmpty else { return found }
    let expected = subject.types.map { Literal.expected($0) }.first ?? ""
    if lexeme.kind == .end { throw fault("\(expected) is missing here", at: lexeme) }
    var candidates: [String] = []
    for case .choice(let words) in subject.types { candidates += words }
    let text =
      switch lexeme.kind {
      case .word(let word), .mark(let word): word
      case .string(let bytes): String(decoding: bytes, as: UTF8.self)
      case .end: ""
      }
    if !candidates.isEmpty {
      throw FilterError(
        filter, "\(subject.name) is never '\(text)'; give \(expected)", lexeme.place, mistyped: (text, candidates))
    }
    throw fault("\(subject.name) is \(subject.typeName); give \(expected)", at: lexeme)
  }

  // MARK: Sets and searches

  private mutating func membership(_ subject: FilterSubject, isNegated: Bool = false) throws(FilterError) -> FilterNode
  {
    guard next.isMark("{") else { throw fault("a set such as {1 8..10} must follow 'in'") }
    let open = take()
    var ranges: [ClosedLiteralRange] = []
    var accepted: [FieldType] = []
    while !next.isMark("}") {
      if next.kind == .end { throw fault("this brace is not closed", at: open) }
      let lexeme = take()
      let lower = try checkedLiterals(lexeme, subject)
      accepted += subject.types.filter { Literal(lexeme, for: $0) != nil }
      if next.isMark("..") {
        take()
        let upperLexeme = take()
        let upper = try checkedLiterals(upperLexeme, subject)
        for (a, b) in zip(lower, upper) {
          if let order = Order.of(a, b), order > 0 {
            throw FilterError(
              filter, "this range is empty: its first value is the greater one",
              lexeme.place.lowerBound..<upperLexeme.place.upperBound)
          }
          ranges.append(ClosedLiteralRange(lower: a, upper: b))
        }
      } else {
        ranges += lower.map { ClosedLiteralRange(lower: $0) }
      }
      if next.isMark(",") { take() }
    }
    take()
    guard !ranges.isEmpty else { throw fault("the set is empty", at: open) }
    return .test(operand(subject) { accepted.contains($0) }, isNegated ? .amongNone(ranges) : .among(ranges))
  }

  private mutating func searched(_ subject: FilterSubject) throws(FilterError) -> Operand {
    guard subject.types.contains(where: Self.isSearchable) else {
      throw fault("\(subject.name) is \(subject.typeName), in which nothing can be searched for")
    }
    return operand(subject, Self.isSearchable)
  }

  private mutating func contains(_ subject: FilterSubject) throws(FilterError) -> FilterNode {
    let operand = try searched(subject)
    take()
    let lexeme = take()
    if case .string(let bytes) = lexeme.kind { return .test(operand, .contains(bytes)) }
    if case .word(let word) = lexeme.kind, let bytes = Literal.hexadecimal(word) {
      return .test(operand, .contains(bytes))
    }
    throw fault("a string in quotes must follow 'contains', or bytes such as de:ad:be:ef", at: lexeme)
  }

  private mutating func matches(_ subject: FilterSubject) throws(FilterError) -> FilterNode {
    let operand = try searched(subject)
    take()
    let lexeme = take()
    guard case .string(let pattern) = lexeme.kind else {
      throw fault("a regular expression in quotes must follow 'matches'", at: lexeme)
    }
    do throws(RegularExpression.Fault) {
      patterns.append(try RegularExpression(pattern, ignoresCase: true))
    } catch {
      // Quotes that are escaped make it a little longer.
      let start = lexeme.place.lowerBound + 1
      let place = error.offset.map { min(start + $0, lexeme.place.upperBound - 1) }
      throw FilterError(filter, "regular expression: \(error.reason)", place.map { $0..<$0 + 1 } ?? lexeme.place)
    }
    return .test(operand, .matches(patterns.count - 1))
  }

  private static func isSearchable(_ type: FieldType) -> Bool {
    switch type {
    case .string, .choice, .bytes, .json: true
    default: false
    }
  }

  /// Types that can be compared with each other have the same.
  private static func kind(_ type: FieldType) -> Int {
    switch type {
    case .bool: 0
    case .integer, .number: 1
    case .string, .choice, .bytes: 2
    case .time: 3
    case .duration: 4
    case .address, .endpoint: 5
    case .json: 6
    }
  }
}
