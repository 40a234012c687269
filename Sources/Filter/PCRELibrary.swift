import CPCRE2

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of libpcre2-8 that are used. The library is loaded when a regular expression is asked for, and not with the
/// program, whose start it would make longer.
struct PCRELibrary: @unchecked Sendable {
  typealias Compile =
    @convention(c) (
      UnsafePointer<UInt8>, Int, UInt32, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int>, OpaquePointer?
    ) -> OpaquePointer?
  typealias Match =
    @convention(c) (
      OpaquePointer, UnsafePointer<UInt8>, Int, Int, UInt32, OpaquePointer, OpaquePointer?
    ) -> Int32

  let compile: Compile
  let jitCompile: @convention(c) (OpaquePointer, UInt32) -> Int32
  let match: Match
  let makeData: @convention(c) (OpaquePointer, OpaquePointer?) -> OpaquePointer?
  let vector: @convention(c) (OpaquePointer) -> UnsafeMutablePointer<Int>?
  let makeContext: @convention(c) (OpaquePointer?) -> OpaquePointer?
  let setMatchLimit: @convention(c) (OpaquePointer, UInt32) -> Int32
  let setOffsetLimit: @convention(c) (OpaquePointer, Int) -> Int32
  let setHeapLimit: @convention(c) (OpaquePointer, UInt32) -> Int32
  let makeStack: @convention(c) (Int, Int, OpaquePointer?) -> OpaquePointer?
  let assignStack: @convention(c) (OpaquePointer, OpaquePointer?, OpaquePointer?) -> Void
  let message: @convention(c) (Int32, UnsafeMutablePointer<UInt8>, Int) -> Int32
  let freeCode: @convention(c) (OpaquePointer?) -> Void
  let freeData: @convention(c) (OpaquePointer?) -> Void
  let freeContext: @convention(c) (OpaquePointer?) -> Void
  let freeStack: @convention(c) (OpaquePointer?) -> Void

  /// Where the library is, by the names of several systems.
  private static let names = [
    "libpcre2-8.so.0", "libpcre2-8.so", "libpcre2-8.0.dylib", "libpcre2-8.dylib",
    "/opt/homebrew/opt/pcre2/lib/libpcre2-8.dylib", "/usr/local/opt/pcre2/lib/libpcre2-8.dylib",
  ]

  /// The library; nil if it is not installed, or lacks a function.
  static let shared = PCRELibrary()

  private init?() {
    guard let handle = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
    func function<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
      dlsym(handle, "pcre2_\(name)_8").map { unsafeBitCast($0, to: Function.self) }
    }
    guard let compile: Compile = function("compile"), let match: Match = function("match"),
      let jitCompile = function("jit_compile", as: (@convention(c) (OpaquePointer, UInt32) -> Int32).self),
      let makeData = function(
        "match_data_create_from_pattern", as: (@convention(c) (OpaquePointer, OpaquePointer?) -> OpaquePointer?).self),
      let vector = function(
        "get_ovector_pointer", as: (@convention(c) (OpaquePointer) -> UnsafeMutablePointer<Int>?).self),
      let makeContext = function(
        "match_context_create", as: (@convention(c) (OpaquePointer?) -> OpaquePointer?).self),
      let setMatchLimit = function("set_match_limit", as: (@convention(c) (OpaquePointer, UInt32) -> Int32).self),
      let setOffsetLimit = function("set_offset_limit", as: (@convention(c) (OpaquePointer, Int) -> Int32).self),
      let setHeapLimit = function("set_heap_limit", as: (@convention(c) (OpaquePointer, UInt32) -> Int32).self),
      let makeStack = function(
        "jit_stack_create", as: (@convention(c) (Int, Int, OpaquePointer?) -> OpaquePointer?).self),
      let assignStack = function(
        "jit_stack_assign", as: (@convention(c) (OpaquePointer, OpaquePointer?, OpaquePointer?) -> Void).self),
      let message = function(
        "get_error_message", as: (@convention(c) (Int32, UnsafeMutablePointer<UInt8>, Int) -> Int32).self),
      let freeCode = function("code_free", as: (@convention(c) (OpaquePointer?) -> Void).self),
      let freeData = function("match_data_free", as: (@convention(c) (OpaquePointer?) -> Void).self),
      let freeContext = function("match_context_free", as: (@convention(c) (OpaquePointer?) -> Void).self),
      let freeStack = function("jit_stack_free", as: (@convention(c) (OpaquePointer?) -> Void).self)
    else { return nil }
    (self.compile, self.match, self.jitCompile, self.makeData) = (compile, match, jitCompile, makeData)
    (self.vector, self.makeContext, self.setMatchLimit) = (vector, makeContext, setMatchLimit)
    self.setOffsetLimit = setOffsetLimit
    (self.setHeapLimit, self.makeStack, self.assignStack) = (setHeapLimit, makeStack, assignStack)
    (self.message, self.freeCode, self.freeData) = (message, freeCode, freeData)
    (self.freeContext, self.freeStack) = (freeContext, freeStack)
  }
}
