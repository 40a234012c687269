import JSON
import Subprotocols

/// What stands in a filter to be tested: a field, what a function makes of one, or a path into JSON.
struct FilterSubject {
  /// As it is written.
  var name: String
  var fields: [Field]
  var functions: [FieldFunction] = []
  var path: JSONSource?

  /// The type of what becomes of `field`; nil if a function cannot be applied to it.
  func type(_ field: Field) -> FieldType? {
    var type: FieldType? = field.type
    for function in functions { type = type.flatMap { function.result($0) } }
    return type
  }

  var types: [FieldType] { path == nil ? fields.compactMap(type) : [.json] }

  /// The type in words: `an integer`, `bytes`.
  var typeName: String {
    guard let type = types.first else { return "" }
    switch type {
    case .bytes, .json: return type.name
    case .integer, .address, .endpoint: return "an \(type.name)"
    default: return "a \(type.name)"
    }
  }
}

extension FilterParser {
  /// The subject that begins with `word`, which was taken; nil if it is no name of one.
  mutating func subject(_ word: String, _ lexeme: Lexeme) throws(FilterError) -> FilterSubject? {
    if next.isMark("("), let function = try function(word, lexeme) {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.mostDepth else { throw fault("the filter is nested deeper than \(Self.mostDepth)") }
      take()
      let inner = take()
      guard case .word(let name) = inner.kind, let argument = try subject(name, inner) else {
        throw fault("a field must stand here", at: inner, mistyped: FieldTable.names)
      }
      guard next.isMark(")") else { throw fault("')' is missing before this") }
      let close = take()
      var result = try applied(function, to: argument, inner)
      // A slice may follow at once: upper(text)[0:2].
      if case .word(let rest) = next.kind, next.place.lowerBound == close.place.upperBound, rest.hasPrefix("["),
        rest.hasSuffix("]"), let slices = ByteSlice.slices(rest.dropFirst().dropLast())
      {
        let lexeme = take()
        result = try applied(.slice(slices), to: result, lexeme, suffix: rest)
      }
      return result
    }
    if word == "json" || word.hasPrefix("json.") || word.hasPrefix("json[") {
      // Wireshark has a few fields of that name.
      if let advice = FieldTable.wiresharkAdvice[word] {
        throw fault("'\(word)' is a field of Wireshark's only; \(advice)", at: lexeme)
      }
      return FilterSubject(name: word, fields: [], path: JSONSource(place: .payload, path: try path(word, 4, lexeme)))
    }
    let fields = FieldTable.fields(named: word)
    if !fields.isEmpty { return FilterSubject(name: word, fields: fields) }
    if let source = try viewSource(word, lexeme) { return FilterSubject(name: word, fields: [], path: source) }
    guard word.hasSuffix("]"), let bracket = word.lastIndex(of: "[") else { return nil }
    let sliced = FieldTable.fields(named: String(word[..<bracket]))
    guard !sliced.isEmpty else { return nil }
    guard let slices = ByteSlice.slices(word[word.index(after: bracket)...].dropLast()) else {
      throw fault("a slice is written [0:4] (from byte 0, 4 bytes), [4-7], [2], [:4] or [4:]", at: lexeme)
    }
    let subject = FilterSubject(name: String(word[..<bracket]), fields: sliced)
    return try applied(.slice(slices), to: subject, lexeme, suffix: String(word[bracket...]))
  }

  /// The function that `word` names, where a parenthesis follows; nil if it is a field or keyword.
  private func function(_ word: String, _ lexeme: Lexeme) throws(FilterError) -> FieldFunction? {
    if let function = FieldFunction.names[word] { return function }
    if let advice = FieldFunction.advice[word] { throw fault("there is no function \(word)(); \(advice)", at: lexeme) }
    return nil
  }

  private func applied(
    _ function: FieldFunction, to subject: FilterSubject, _ lexeme: Lexeme, suffix: String? = nil
  ) throws(FilterError) -> FilterSubject {
    let name = suffix.map { "\(subject.name)\($0)" } ?? "\(function)(\(subject.name))"
    guard subject.path == nil else {
      throw fault("functions are for fields, not for paths into JSON", at: lexeme)
    }
    var result = subject
    result.name = name
    result.functions.append(function)
    guard !result.types.isEmpty else {
      let what = suffix == nil ? "\(function)() takes" : "a slice is of"
      throw fault("\(subject.name) is \(subject.typeName); \(what) \(function.subject)", at: lexeme)
    }
    return result
  }

  /// What is wrong with a word that is no field.
  func unknown(_ word: String, _ lexeme: Lexeme) -> FilterError {
    if let advice = FieldTable.wiresharkAdvice[word] {
      return fault("'\(word)' is a field of Wireshark's only; \(advice)", at: lexeme)
    }
    if next.isMark("(") {
      let names = FieldFunction.names.keys.sorted()
      return fault(
        "there is no function '\(word)'; there are \(names.map { "\($0)()" }.joined(separator: ", "))", at: lexeme)
    }
    return fault("there is no field '\(word)'", at: lexeme, mistyped: FieldTable.names + ["not"])
  }

  /// A path into a view: `stomp.headers.destination`; nil if `word` begins with the name of no view.
  private func viewSource(_ word: String, _ lexeme: Lexeme) throws(FilterError) -> JSONSource? {
    guard let (place, rest) = JSONSource.view(word) else { return nil }
    let name = word.dropLast(rest.count)
    let source = JSONSource(place: place, path: try path(word, name.utf8.count, lexeme))
    if source.hasKnownField { return source }
    let view = name == "view" ? nil : String(name)
    let names = JSONSource.fields(of: view).map { "\(name).\($0)" }
    guard view != nil else { throw fault("'\(word)' is no field of any view", at: lexeme, mistyped: names) }
    throw fault("'\(word)' is no field of the view \(name)", at: lexeme, mistyped: names)
  }

  /// The path in `word` behind its first `prefix` bytes.
  private func path(_ word: String, _ prefix: Int, _ lexeme: Lexeme) throws(FilterError) -> JSONPath {
    let bytes = Array(word.utf8)
    if bytes.count == prefix { return JSONPath([]) }
    let start = bytes[prefix] == 0x2E ? prefix + 1 : prefix
    if start == bytes.count {
      let place = lexeme.place.upperBound
      throw FilterError(filter, "a name must stand here in a path", place..<place + 1)
    }
    do throws(JSONPath.Fault) {
      return try JSONPath(String(decoding: bytes[start...], as: UTF8.self))
    } catch {
      let place = lexeme.place.lowerBound + start + error.offset
      throw FilterError(filter, "\(error.expected) must stand here in a path", place..<place + 1)
    }
  }
}
