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
///
/// A long message is written as it comes. Its file stays only if it comes into the index, when it is over.
final class Extraction {
  /// How many names are tried where files have them already.
  private static let mostNames = 10_000
  /// Bytes of a message that are held before its file is begun (1 MiB), where nobody else looks at it.
  static let heldBytes = 1 << 20
  /// The same where a filter, a search, redaction or a format does (16 MiB): they see so much of it.
  static let shownBytes = 1 << 24

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
  /// The files of messages that are not over, or of which it is not decided whether they are wanted.
  private var begun: [MessageKey: MessageFile] = [:]
  private var budget: InflationBudget
  /// Messages that were cut as they inflate to too much.
  private var inflatedTooFar: UInt64 = 0
  /// Whether only what was looked through may be written.
  private let hidesContent: Bool
  /// Messages of which not all was looked through.
  private var redactedInPart: UInt64 = 0

  /// Opens the folder at `path`, which is made if it is not there. Throws `OutputError`.
  ///
  /// - Parameters:
  ///   - hidesContent: whether messages are looked through for what has to be hidden, and are to be whole otherwise.
  ///   - budget: how much compressed messages may inflate to.
  init(
    _ path: String, hidesContent: Bool = false, budget: InflationBudget = InflationBudget()
  ) throws(OutputError) {
    self.budget = budget
    self.path = path
    self.hidesContent = hidesContent
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
    var lines = [
      "wrote \(SummaryText.count(count, "message"))\(whole) to \(quoted(path)), listed in \(index?.name ?? "")"
    ]
    if inflatedTooFar > 0 {
      lines.append(
        "\(SummaryText.count(inflatedTooFar, "message")) cut: compressed ones inflate to more than \(InflationBudget.words)"
      )
    }
    if redactedInPart > 0 {
      lines.append(
        "\(SummaryText.count(redactedInPart, "message")) cut: no more than \(Self.shownBytes >> 20) MiB is looked through to redact it"
      )
    }
    return lines.map { "\(Manual.name): \($0)\n" }.joined()
  }

  /// Writes a message, or what is left to do for one that came in pieces.
  func take(_ record: borrowing MessageRecord, _ content: RawSpan) {
    guard error == nil else { return }
    let message = record.message
    if message.isCompressed, message.isComplete { budget.earn(message.wireLength) }
    do throws(OutputError) {
      if let file = begun.removeValue(forKey: MessageKey(record.connection.number, record.number)) {
        return try list(record, file)
      }
      let kind = ContentKind(
        of: content, isText: message.opcode == .text, isBeginning: UInt64(content.byteCount) < message.storableLength)
      let file = try create(record.connection.number, record.number, record.sender, kind)
      try write(content, to: file, isCompressed: message.isCompressed)
      if hidesContent, content.byteCount >= Self.shownBytes, message.storableLength > UInt64(content.byteCount) {
        redactedInPart += 1
      }
      try list(record, file)
    } catch {
      fail(error)
    }
  }

  // MARK: Messages in pieces

  /// Writes a piece of a message.
  func take(_ piece: borrowing MessagePiece, _ content: RawSpan) {
    guard error == nil else { return }
    let key = MessageKey(piece.connection.number, piece.number)
    do throws(OutputError) {
      if piece.offset == 0 {
        let kind = ContentKind(of: content, isText: piece.opcode == .text, isBeginning: true)
        begun[key] = try create(piece.connection.number, piece.number, piece.sender, kind)
      }
      guard let file = begun[key], !file.isCut else { return }
      try write(content, to: file, isCompressed: piece.isCompressed)
    } catch {
      fail(error)
    }
  }

  /// Takes away the file of a message that is not wanted after all.
  func drop(_ record: borrowing MessageRecord) {
    guard let file = begun.removeValue(forKey: MessageKey(record.connection.number, record.number)) else { return }
    budget.giveBack(file.inflated)
    if file.isCut { inflatedTooFar -= 1 }
    file.remove()
  }

  private func dropAll() {
    for file in begun.values { file.remove() }
    begun = [:]
  }

  private func fail(_ error: OutputError) {
    self.error = error
    dropAll()
  }

  private func create(
    _ connection: UInt64, _ message: UInt64, _ sender: Sender, _ kind: ContentKind
  ) throws(OutputError) -> MessageFile {
    let stem = "c\(padded(connection, to: 4))-m\(padded(message, to: 6))-\(sender.name)"
    guard let (descriptor, name) = try Self.create(stem, "\(kind.fileExtension)", in: folder, path) else {
      throw .cannotOpen(path: "\(path)/\(stem)", reason: SystemCalls.message(EEXIST))
    }
    return MessageFile(descriptor: descriptor, name: name, in: folder, kind)
  }

  private func write(_ content: RawSpan, to file: MessageFile, isCompressed: Bool) throws(OutputError) {
    let room = isCompressed ? budget.take(content.byteCount) : content.byteCount
    if isCompressed { file.inflated += UInt64(room) }
    if room < content.byteCount {
      file.isCut = true
      inflatedTooFar += 1
    }
    let code = file.write(content.extracting(0..<room))
    guard code != 0 else { return }
    file.remove()
    throw .cannotWrite(name: "\(path)/\(file.name)", reason: SystemCalls.message(code))
  }

  // MARK: The index

  /// Adds a line to the index. All of its values are made here, so that none needs quotes.
  private func list(_ record: borrowing MessageRecord, _ file: MessageFile) throws(OutputError) {
    let message = record.message
    let isTruncated = file.length < message.storableLength
    let values = [
      file.name, "\(record.connection.number)", padded(record.connection.identifier, to: 16, radix: 16),
      "\(record.number)",
      times.text(record.first.time), "\(record.sender.name)", message.opcode == .text ? "text" : "binary",
      file.kind.rawValue, message.isComplete || message.isLengthKnown ? "\(message.length)" : "", "\(file.length)",
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
    dropAll()
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
}
