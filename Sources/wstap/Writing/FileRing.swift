import Analysis
import Bytes
import Capture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The files that a capture goes on in, one after the other. Each begins with the blocks that its packets need, and none of them
/// was there before: numbers that are taken are passed over.
struct FileRing {
  private static let digits = 5

  private struct File {
    let path: String
    /// As it was when it was complete.
    var status: FileStatus?
  }

  private let rule: RingRule
  private let stem: String
  private let suffix: String
  private var number: UInt64 = 0
  private var files: [File] = []
  private var firstPath = ""
  private var lastPath = ""
  private var count: UInt64 = 0

  /// The blocks that a file begins with.
  private var preamble: [UInt8] = []
  private var isTooMuch = false
  /// Bytes in the file, without those that each file begins with.
  private var bytes: UInt64 = 0
  private var begun: Timestamp?

  /// Files that are named after `path`: `capture_00001.pcapng` for `capture.pcapng`.
  init(_ path: String, _ rule: RingRule) {
    self.rule = rule
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let dot = path[name...].lastIndex(of: ".").flatMap { $0 > name ? $0 : nil } ?? path.endIndex
    stem = String(path[..<dot])
    suffix = String(path[dot...])
  }

  /// The folder of files that are named after `path`.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the next file, and deletes the oldest one if there are too many.
  ///
  /// - Parameter last: what the one before was like when it was complete.
  mutating func next(after last: FileStatus? = nil) throws(OutputError) -> OutputFile {
    if let index = files.indices.last { files[index].status = last }
    if let most = rule.files, files.count >= most { deleteFirst() }
    while true {
      number += 1
      let path = path(number)
      guard let file = try OutputFile.createNew(path) else { continue }
      files.append(File(path: path))
      if count == 0 { firstPath = path }
      lastPath = path
      count += 1
      return file
    }
  }

  private func path(_ number: UInt64) -> String {
    let text = "\(number)"
    return stem + "_" + String(repeating: "0", count: max(Self.digits - text.count, 0)) + text + suffix
  }

  /// Deletes the oldest file, unless another one has taken its place.
  private mutating func deleteFirst() {
    let file = files.removeFirst()
    guard let status = file.status, FileStatus(.file(file.path)) == status else { return }
    unlink(ArgumentText.path(file.path))
  }

  /// Whether a packet's block of so many bytes belongs into the next file.
  func isOver(before length: Int, at time: Timestamp) -> Bool {
    guard let begun, !isTooMuch else { return false }
    if let size = rule.size, bytes + UInt64(length) > size { return true }
    return rule.time.map { time.since(begun) >= $0 } ?? false
  }

  /// Writes what a file begins with.
  mutating func begin(_ buffer: inout BlockBuffer) {
    buffer.append(preamble.span.bytes)
    bytes = 0
    begun = nil
  }

  /// A block goes into the file.
  mutating func add(_ buffer: borrowing BlockBuffer, _ range: Range<Int>, at time: Timestamp?) {
    if let time {
      if begun == nil { begun = time }
    } else if buffer.withBytes(range, { remember($0) }) {
      return
    }
    bytes += UInt64(range.count)
  }

  /// Keeps a section's header, its interfaces, secrets and names; false if it is something else, or too much.
  private mutating func remember(_ block: UnsafeRawBufferPointer) -> Bool {
    guard block.count >= 12 else { return false }
    // These numbers are small in the byte order of their section, which may be either.
    let type = block.loadUnaligned(as: UInt32.self)
    switch min(type, type.byteSwapped) {
    case 0x0a0d_0d0a: (preamble, isTooMuch) = (Array(block), false)
    case 1:
      isTooMuch = isTooMuch || preamble.count + block.count > WritingLimits.preamble
      if isTooMuch { return false }
      preamble += block
    case 4, 10:  // names, secrets
      guard preamble.count + block.count <= WritingLimits.preamble / 2 else { return false }
      preamble += block
    default: return false
    }
    return true
  }
}

extension FileRing: CustomStringConvertible {
  /// Which files there are.
  var description: String {
    guard count > 1 else { return quoted(lastPath) }
    let deleted = count - UInt64(files.count)
    let names =
      switch (deleted, files.count) {
      case (0, _): "\(quoted(firstPath)) to"
      case (_, 1): "of which the last one is kept,"
      default: "of which the last \(files.count) are kept, up to"
      }
    return "\(grouped(count)) files, \(names) \(quoted(lastPath))"
  }
}
