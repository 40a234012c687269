import CPCRE2

/// A regular expression in the syntax of Perl, as PCRE2 reads it. Texts are taken as UTF-8; what is none in them matches
/// nothing, and what is around it is searched all the same.
///
/// PCRE2 limits the steps of each place where a match may begin, not those of a search, and ends the search when one place
/// takes too many. So every place has a few steps, which the length of the input bounds; those that need more
/// get them one by one, out of a budget for the life of the expression. Hostile payloads cannot hold it up for ever.
///
/// One is used by one thread only.
public final class RegularExpression {
  /// A pattern that cannot be compiled.
  public struct Fault: Error, Equatable, Sendable {
    /// Why, in PCRE2's words.
    public var reason: String
    /// The byte of the pattern up to which it was read; nil where that has nothing to do with it.
    public var offset: Int?
  }

  /// How often searches were given up because they took too many steps; what was found up to there counts.
  public private(set) var abandoned: UInt64 = 0

  private let library: PCRELibrary
  private let code: OpaquePointer
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?
  /// Steps that places may still take beyond `freeSteps`. PCRE2 does not tell how many were taken: what was allowed is
  /// subtracted, which is up to four times as many.
  private var budget: Int

  /// The steps of backtracking that every place where a match may begin can take, in any payload.
  private static let freeSteps = 1000
  /// The most that one place can take: PCRE2's own limit.
  private static let mostSteps = 10_000_000
  /// What all places of all searches may take beyond `freeSteps`: up to half a minute.
  public static let mostStepsOfAll = 1 << 31
  /// Places that are tried together when it is looked for those that need more steps.
  private static let placesTogether = 64
  /// PCRE2_UNSET, which Swift does not import.
  private static let noOffsetLimit = -1

  /// Compiles `pattern`, which should be UTF-8. Throws `Fault`.
  ///
  /// - Parameter budget: the steps of backtracking that all searches may take beyond the 1,000 of every place.
  public init(_ pattern: [UInt8], ignoresCase: Bool, budget: Int = mostStepsOfAll) throws(Fault) {
    guard let library = PCRELibrary.shared else {
      throw Fault(reason: "regular expressions need libpcre2-8, which is not installed", offset: nil)
    }
    self.library = library
    self.budget = budget
    var code: Int32 = 0
    var offset = 0
    let options =
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT
      | (ignoresCase ? PCRE2_CASELESS : 0)
    guard let compiled = library.compile(pattern + [0], pattern.count, options, &code, &offset, nil) else {
      throw Fault(reason: Self.text(of: code, library), offset: min(offset, pattern.count))
    }
    // Where the system forbids code to be made, the interpreter does it.
    _ = library.jitCompile(compiled, UInt32(PCRE2_JIT_COMPLETE))
    guard let data = library.makeData(compiled, nil), let context = library.makeContext(nil) else {
      library.freeCode(compiled)
      throw Fault(reason: "there is no memory for it", offset: nil)
    }
    self.code = compiled
    self.data = data
    self.context = context
    _ = library.setHeapLimit(context, 64 * 1024)  // KiB
    _ = library.setMatchLimit(context, UInt32(Self.freeSteps))
    stack = library.makeStack(32 * 1024, 32 << 20, nil)  // grows where it is needed
    if let stack { library.assignStack(context, nil, stack) }
  }

  deinit {
    library.freeStack(stack)
    library.freeContext(context)
    library.freeData(data)
    library.freeCode(code)
  }

  /// The first match in `bytes` that begins at `start` or later; nil if there is none.
  public func firstMatch(in bytes: RawSpan, from start: Int = 0) -> Range<Int>? {
    bytes.withUnsafeBytes { buffer in
      guard start <= buffer.count else { return nil }
      var nothing: UInt8 = 0
      guard let base = buffer.bindMemory(to: UInt8.self).baseAddress else {
        return withUnsafePointer(to: &nothing) { match($0, 0, 0) }
      }
      return match(base, buffer.count, start)
    }
  }

  private func match(_ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int) -> Range<Int>? {
    var result = attempt(base, count, start)
    if result == PCRE2_ERROR_MATCHLIMIT, budget > 0 {
      result = matchWithBudget(base, count, start)
      _ = library.setOffsetLimit(context, Self.noOffsetLimit)
      _ = library.setMatchLimit(context, UInt32(Self.freeSteps))
    }
    guard result >= 0 else {
      if result != PCRE2_ERROR_NOMATCH { abandoned += 1 }
      return nil
    }
    guard let vector = library.vector(data), vector[0] <= vector[1] else { return nil }
    return vector[0]..<vector[1]
  }

  /// Tries the places from `start` in groups, and one by one those of a group in which one takes too many steps.
  private func matchWithBudget(_ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int) -> Int32 {
    var place = start
    while place <= count {
      let end = Self.place(after: place + Self.placesTogether - 1, base, count)
      _ = library.setOffsetLimit(context, end - 1)
      _ = library.setMatchLimit(context, UInt32(Self.freeSteps))
      var result = attempt(base, count, place)
      while result == PCRE2_ERROR_MATCHLIMIT, place < end {
        let next = Self.place(after: place, base, count)
        _ = library.setOffsetLimit(context, next - 1)
        let single = matchAtOnePlace(base, count, place)
        guard single == PCRE2_ERROR_NOMATCH else { return single }
        place = next
        if place == end { result = single }
      }
      guard result == PCRE2_ERROR_NOMATCH else { return result }
      place = end
    }
    return PCRE2_ERROR_NOMATCH
  }

  /// Tries one place with more and more steps, so that not many more are subtracted than it takes.
  private func matchAtOnePlace(_ base: UnsafePointer<UInt8>, _ count: Int, _ place: Int) -> Int32 {
    var steps = Self.freeSteps
    while true {
      _ = library.setMatchLimit(context, UInt32(steps))
      let result = attempt(base, count, place)
      guard result == PCRE2_ERROR_MATCHLIMIT, steps < Self.mostSteps, budget > 0 else { return result }
      steps = min(4 * steps, Self.mostSteps)
      budget -= steps
    }
  }

  /// Where the next character begins after the byte at `place`; `count + 1` after the last.
  private static func place(after place: Int, _ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var next = min(place, count) + 1
    while next < count, base[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }

  private func attempt(_ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int) -> Int32 {
    let result = library.match(code, base, count, start, 0, data, context)
    // The interpreter keeps on the heap what has no room on the stack of compiled code.
    guard result == PCRE2_ERROR_JIT_STACKLIMIT else { return result }
    return library.match(code, base, count, start, PCRE2_NO_JIT, data, context)
  }

  private static func text(of code: Int32, _ library: PCRELibrary) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = library.message(code, &buffer, buffer.count)
    return length > 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "error \(code)"
  }
}
