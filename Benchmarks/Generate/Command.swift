#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why no capture was made, as a sentence.
struct GenerateError: Error {
  var reason: String

  /// Something went wrong.
  init(reason: String) { self.reason = reason }

  /// The command line asks for nothing that can be done.
  init(usage reason: String) { self.reason = "\(reason)\n\(Request.usage)" }
}

/// What the command line asks for.
struct Request {
  static let usage = """
    usage: Generate WORKLOAD [--size BYTES] [--connections N] [--seed N] [--messages FILE] [--keys FILE]
           -o FILE

    WORKLOAD is small, large, secure, deflate, mixed, one, many or idle.
    Writes a pcap file with made-up traffic and prints what is in it, as one JSON object. The same arguments
    give the same bytes. BYTES may end in K, M or G; --size is met roughly, and is not for many and idle,
    whose --connections have ten frames each. --messages writes the compressed messages to a file as well, and
    --keys the key log of what is encrypted.
    """

  var workload = ""
  var size = 512 << 20
  var connections: Int?
  var seed: UInt64 = 1
  var output = ""
  var messages: String?
  var keys: String?

  /// Reads `arguments`, without the program's name.
  init(_ arguments: ArraySlice<String>) throws(GenerateError) {
    var rest = arguments
    while let argument = rest.popFirst() {
      switch argument {
      case "--size": size = try Self.value(of: argument, &rest, Self.bytes)
      case "--connections": connections = try Self.value(of: argument, &rest) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
      case "--seed": seed = try Self.value(of: argument, &rest) { UInt64($0) }
      case "--messages": messages = try Self.value(of: argument, &rest) { $0 }
      case "--keys": keys = try Self.value(of: argument, &rest) { $0 }
      case "-o": output = try Self.value(of: argument, &rest) { $0 }
      case _ where workload.isEmpty && !argument.hasPrefix("-"): workload = argument
      default: throw GenerateError(usage: "unexpected '\(argument)'")
      }
    }
    guard !workload.isEmpty, !output.isEmpty else { throw GenerateError(usage: "WORKLOAD and -o FILE are needed") }
  }

  private static func value<Value>(
    of option: String, _ rest: inout ArraySlice<String>, _ parse: (String) -> Value?
  ) throws(GenerateError) -> Value {
    guard let text = rest.popFirst(), let value = parse(text) else {
      throw GenerateError(usage: "\(option) has no proper value")
    }
    return value
  }

  /// A number of bytes such as `512M`.
  static func bytes(_ text: String) -> Int? {
    let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
    let shift = text.last.flatMap { shifts[$0] }
    guard let number = Int(shift == nil ? text[...] : text.dropLast()), number > 0, number < 1 << 32 else { return nil }
    return number << (shift ?? 0)
  }
}

/// Does what `arguments` ask for and gives the exit status.
func generate(_ arguments: [String]) -> Int32 {
  do throws(GenerateError) {
    let request = try Request(arguments.dropFirst())
    guard let workload = Workload(request) else {
      throw GenerateError(
        reason: "no workload '\(request.workload)'; there are \(Workload.names.joined(separator: ", "))")
    }
    print(try workload.run())
    return 0
  } catch {
    let complaint = Array("Generate: \(error.reason)\n".utf8)
    _ = write(STDERR_FILENO, complaint, complaint.count)
    return 2
  }
}
