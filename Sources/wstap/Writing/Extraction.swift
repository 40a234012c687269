import Analysis
import Bytes
import Export

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes each message into a file of its own, and an index of them. No file that exists is ever written to. After the first
/// error nothing more is written.
final class Extraction {
  /// How many names are tried where files have them already.
  private static let mostNames = 10_000
  private static let columns =
    "file,connection,connection_id,message,time,sender,kind,content,length,bytes,complete,truncated,first_packet,"
    + "last_packet\r\n"

  /// The folder, as it was given.
  let path: String
  private let folder: Int32
  private var index: OutputFile?
  /// Why nothing more is written.
  private(set) var error: OutputError?
  private var count: UInt64 = 0
  private var incomplete: UInt64 = 0
  private var times = TimeText()

  /// Opens the folder at `path`, which is made if it is not there. Throws `OutputError`.
  init(_ path: String) throws(OutputError) {
    self.path = path
    if mkdir(ArgumentText.path(path), 0o777) != 0, errno != EEXIST {
      throw .cannotOpen(path: path, reason: SystemCalls.message(errno))
    }
    folder = open(ArgumentText.path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .cannotOpen(path: path, reason: SystemCalls.message(errno)) }
  }

  deinit { _ = closeDescriptor(folder) }

  /// What people are told in the end, with its line's end.
  var summary: String {
    let whole = incomplete == 0 ? "" : ", \(grouped(incomplete)) of them incomplete"
    return
      "\(Manual.name): wrote \(SummaryText.count(count, "message"))\(whole) to \(quoted(path)), listed in \(index?.name ?? "")\n"
  }

  /// Writes a message.
  func take(_ record: borrowing MessageRecord, _ content: RawSpan) {
    guard error == nil else { return }
    do throws(OutputError) {
      let kind = ContentKind(of: content, isText: record.message.opcode == .text)
      let stem =
        "c\(Self.padded(record.connection.number, 4))-m\(Self.padded(record.number, 6))-\(record.sender.name)"
      guard let (descriptor, name) = try Self.create(stem, "\(kind.fileExtension)", in: folder, path) else {
        throw .cannotOpen(path: "\(path)/\(stem)", reason: SystemCalls.message(EEXIST))
      }
      var code = content.withUnsafeBytes { SystemCalls.write($0, to: descriptor) }
      let closing = closeDescriptor(descriptor)
      if code == 0, closing != EINTR { code = closing }
      if code != 0 { throw .cannotWrite(name: "\(path)/\(name)", reason: SystemCalls.message(code)) }
      try list(record, name, kind, stored: content.byteCount)
    } catch {
      self.error = error
    }
  }

  /// Adds a line to the index. All of its values are made here, so that none needs quotes.
  private func list(
    _ record: borrowing MessageRecord, _ name: String, _ kind: ContentKind, stored: Int
  ) throws(OutputError) {
    let message = record.message
    let isTruncated = UInt64(stored) < message.storableLength
    let values = [
      name, "\(record.connection.number)", Self.padded(record.connection.identifier, 16, radix: 16), "\(record.number)",
      times.text(record.first.time), "\(record.sender.name)", message.opcode == .text ? "text" : "binary",
      kind.rawValue, message.isComplete || message.isLengthKnown ? "\(message.length)" : "", "\(stored)",
      "\(message.isComplete)", "\(isTruncated)", "\(record.first.number)", "\(record.last.number)",
    ]
    count += 1
    if isTruncated || !message.isComplete { incomplete += 1 }
    try openIndex().write(values.joined(separator: ",") + "\r\n")
  }

  private func openIndex() throws(OutputError) -> OutputFile {
    if let index { return index }
    guard let (descriptor, name) = try Self.create("index", "csv", in: folder, path) else {
      throw .cannotOpen(path: "\(path)/index.csv", reason: SystemCalls.message(EEXIST))
    }
    let index = OutputFile(descriptor: descriptor, name: name, closesDescriptor: true)
    self.index = index
    try index.write(Self.columns)
    return index
  }

  /// Writes out what the index has.
  func flush() {
    guard error == nil else { return }
    do throws(OutputError) { try index?.flush() } catch { self.error = error }
  }

  /// Closes the index, and throws the first error.
  func close() throws(OutputError) {
    if let error { throw error }
    try openIndex().close()
  }

  /// A new file called `stem`, or `stem` and a number, and its name; nil if all of these are there.
  private static func create(
    _ stem: String, _ ending: String, in folder: Int32, _ path: String
  ) throws(OutputError) -> (Int32, String)? {
    for number in 1...mostNames {
      let name = number == 1 ? "\(stem).\(ending)" : "\(stem)~\(number).\(ending)"
      let descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
      if descriptor >= 0 { return (descriptor, name) }
      if errno != EEXIST { throw .cannotWrite(name: "\(path)/\(name)", reason: SystemCalls.message(errno)) }
    }
    return nil
  }

  private static func padded(_ number: UInt64, _ width: Int, radix: Int = 10) -> String {
    let digits = String(number, radix: radix)
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
  }
}

/// Gives messages to an extraction, and all that is to be printed to a writer.
struct ExtractingWriter: RecordWriter, ~Copyable {
  let extraction: Extraction
  /// The kinds that are printed.
  let printed: RecordKinds
  var next: AnyRecordWriter

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    extraction.take(record, content)
    if printed.contains(.message) { next.message(record, content: content) }
  }

  // The filter before it lets through nothing else that is not printed.
  mutating func capture(_ record: CaptureRecord) { next.capture(record) }
  mutating func connection(_ record: ConnectionRecord) { next.connection(record) }
  mutating func tls(_ record: TLSConnectionRecord) { next.tls(record) }
  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { next.frame(record, payload: payload) }
  mutating func diagnostic(_ record: Diagnostic) { next.diagnostic(record) }
  mutating func end(_ record: EndRecord) { next.end(record) }
  mutating func summary(_ record: SummaryRecord) { next.summary(record) }
  mutating func note(hidden record: ConnectionRecord) { next.note(hidden: record) }

  mutating func flush() {
    extraction.flush()
    next.flush()
  }

  mutating func finish() {
    extraction.flush()
    next.finish()
  }
}
