import Analysis
import Capture
import TLS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The secrets that the command line names, and key logs that grow.
struct Secrets: Sendable {
  /// What was read so far.
  private(set) var keyLog = KeyLog()
  /// What was wrong with what was read last.
  private(set) var faults: [Diagnostic] = []
  private var files: [KeyLogFile] = []

  /// Faults of a file that are told, at a time.
  private static let mostFaults = 100
  /// Bytes of a private key: they have 4 KB.
  private static let mostKeyBytes = 1 << 20

  /// Reads all that `settings` name.
  init(_ settings: Settings) throws(SecretsError) {
    var log = KeyLog()
    for path in settings.privateKeys { log.add(try Self.privateKey(path)) }
    for path in settings.keyLogs {
      var file = KeyLogFile(path)
      // Who captures live may begin before the program that writes the key log.
      let isLive = settings.live.interface != nil
      let wait = { Self.complain("waits for somebody to write the key log \(quoted(path))") }
      if let code = file.open(isLive: isLive, willWait: wait), !isLive || KeyLogFile.staysSo(code) {
        throw .cannotOpen(path, code: code)
      }
      files.append(file)
    }
    let isOver = settings.live.interface == nil
    _ = read(into: &log, isOver: isOver)
    keyLog = log
  }

  /// Whether key logs may grow.
  var mayGrow: Bool { !files.isEmpty }

  /// Adds to `keyLog` what was added to the files since they were read last; whether that was anything.
  mutating func grow(into keyLog: inout KeyLog) -> Bool { read(into: &keyLog, isOver: false) }

  private mutating func read(into keyLog: inout KeyLog, isOver: Bool) -> Bool {
    let before = keyLog.generation
    faults = []
    for i in files.indices {
      let found = files[i].read(into: &keyLog, isOver: isOver)
      faults += Self.diagnostics(found, quoted(files[i].path))
      if let code = files[i].takeFailure() { faults.append(Self.unreadable(files[i].path, code)) }
    }
    return keyLog.generation != before || !faults.isEmpty
  }

  /// Adds the secrets that a capture holds, in `buffer`; gives what is wrong with them.
  static func read(_ secrets: CaptureSecrets, _ buffer: [UInt8], into keyLog: inout KeyLog) -> [Diagnostic] {
    let found = keyLog.read(buffer.span.bytes.extracting(secrets.data), isEmbedded: true)
    return diagnostics(found, "the secrets in the capture")
  }

  /// A key log that was made after the capture had begun. By then, all rights were given up.
  private static func unreadable(_ path: String, _ code: Int32) -> Diagnostic {
    let advice = code == EACCES ? "; make it (touch) before wstap begins, or name its owner with --user" : ""
    return Diagnostic(.keyLogUnreadable, detail: "\(quoted(path)): \(SystemCalls.message(code))\(advice)")
  }

  private static func complain(_ text: String) { StandardError.write("\(Manual.name): \(text)\n") }

  private static func diagnostics(_ faults: [KeyLogFault], _ name: String) -> [Diagnostic] {
    faults.prefix(mostFaults).map {
      Diagnostic(.keyLogLine, detail: "\(name): line \($0.line) \($0.description)")
    }
  }

  private static func privateKey(_ path: String) throws(SecretsError) -> RSAPrivateKey {
    var text: [UInt8]
    do throws(InputError) {
      text = try contents(path)
    } catch {
      throw .cannotRead(error)
    }
    defer { for i in text.indices { text[i] = 0 } }
    do throws(RSAPrivateKey.Failure) {
      return try RSAPrivateKey(pem: text.span.bytes)
    } catch {
      throw .noKey(path, error)
    }
  }

  /// The beginning of a file, as long as a key may be.
  private static func contents(_ path: String) throws(InputError) -> [UInt8] {
    let input = try InputDescriptor(.file(path), isStopped: { false })
    var buffer = [UInt8](repeating: 0, count: mostKeyBytes)
    var filled = 0
    while filled < buffer.count {
      let count = try input.read(into: &buffer, at: filled)
      if count == 0 { break }
      filled += count
    }
    return buffer
  }
}

/// Secrets that cannot be read. Codes are those of `errno`.
enum SecretsError: Error, CustomStringConvertible {
  case cannotOpen(String, code: Int32)
  case cannotRead(InputError)
  case noKey(String, RSAPrivateKey.Failure)

  /// What went wrong and what to do, as a sentence without its full stop.
  var description: String {
    switch self {
    case .cannotOpen(let path, let code): "cannot open the key log \(quoted(path)): \(SystemCalls.message(code))"
    case .cannotRead(let error): "\(error)"
    case .noKey(let path, .unreadable):
      "\(quoted(path)) is no private key in PEM without a passphrase; openssl pkey -in FILE -out NEW makes one"
    case .noKey(let path, .otherKind): "\(quoted(path)) is no RSA key, and no other kind serves to decrypt"
    }
  }
}
