import CPCRE2

/// A regular expression in the syntax of Perl, as PCRE2 reads it. Texts are taken as UTF-8; what is none in them matches
/// nothing, and what is around it is searched all the same.
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
  private var limitedLength = -1

  /// Steps of backtracking that a search may take, shared by all places where a match may begin: about a second.
  private static let mostSteps = 1 << 27
  private static let leastStepsPerPlace = 1000
  private static let mostStepsPerPlace = 1_000_000

  /// Compiles `pattern`, which should be UTF-8.
  public init(_ pattern: [UInt8], ignoresCase: Bool) throws(Fault) {
    guard let library = PCRELibrary.shared else {
      throw Fault(reason: "regular expressions need libpcre2-8, which is not installed", offset: nil)
    }
    self.library = library
    var code: Int32 = 0
    var offset = 0
    let options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | (ignoresCase ? PCRE2_CASELESS : 0)
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
    stack = library.makeStack(32 * 1024, 1 << 20, nil)
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
    if count != limitedLength {
      limitedLength = count
      let steps = min(max(Self.mostSteps / max(count, 1), Self.leastStepsPerPlace), Self.mostStepsPerPlace)
      _ = library.setMatchLimit(context, UInt32(clamping: steps))
    }
    let result = library.match(code, base, count, start, 0, data, context)
    guard result >= 0 else {
      if result != PCRE2_ERROR_NOMATCH { abandoned += 1 }
      return nil
    }
    guard let vector = library.vector(data), vector[0] <= vector[1] else { return nil }
    return vector[0]..<vector[1]
  }

  private static func text(of code: Int32, _ library: PCRELibrary) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = library.message(code, &buffer, buffer.count)
    return length > 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "error \(code)"
  }
}
