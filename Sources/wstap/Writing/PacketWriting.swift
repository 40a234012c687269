import Analysis
import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The writing of packets that the settings ask for, and what came of it.
final class PacketWriting {
  /// Where packets go.
  let output: PacketOutput
  /// Packets that were written without its being known whether they are wanted, and wanted ones that are lacking.
  var remarks: (forced: UInt64, lost: UInt64) = (0, 0)

  /// Opens the first file; nil if no packets are to be written.
  ///
  /// - Parameter records: where records go, which must be another file.
  /// - Throws: `OutputError` if that is impossible.
  init?(_ settings: Settings, besides records: OutputFile) throws(OutputError) {
    guard let path = settings.writing else { return nil }
    if let rule = settings.ring {
      if FileStatus(.file(path))?.isFileOrFolder == false { throw .notForRing(path: path) }
      var ring = FileRing(path, rule)
      output = PacketOutput(try ring.next(), ring: ring)
      return
    }
    if path == "-", isatty(STDOUT_FILENO) == 1 { throw .isTerminal }
    let file = try OutputFile.open(path == "-" ? nil : path, besides: settings.readFiles)
    if settings.printsRecords, let status = file.status, records.status?.isSameFile(as: status) == true {
      throw .isOutput(name: file.name)
    }
    output = PacketOutput(file, isStandardOutput: path == "-")
  }

  /// The limits for packets that are just captured: nobody's packets wait for long for those of an idle connection.
  var liveLimits: WritingLimits {
    WritingLimits(patience: output.isRegularFile ? WritingLimits.filePatience : WritingLimits.pipePatience)
  }

  /// What is said of an error, which the user may be the reason for that a live capture is made by in the end.
  static func explanation(of error: OutputError, isLive: Bool) -> String {
    let forbidden = [EACCES, EPERM].map { SystemCalls.message($0) }
    guard isLive, case .cannotOpen(_, let reason) = error, forbidden.contains(reason) else { return "\(error)" }
    let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
    return "\(error); the files of a ring are made by the user \(quoted(user)), unless --user names another one"
  }

  /// What people are told in the end, each line ended.
  var summary: String {
    let secrets =
      output.connectionsWithSecrets == 0
      ? "" : ", with the secrets of \(SummaryText.count(output.connectionsWithSecrets, "TLS connection"))"
    var lines = ["wrote \(SummaryText.count(output.packets, "packet"))\(secrets) to \(output.files)"]
    if remarks.forced > 0 {
      lines.append(
        "\(grouped(remarks.forced)) of these belong to connections of which it was not known in time whether they are "
          + "WebSockets")
    }
    if remarks.lost > 0 {
      lines.append(
        "\(SummaryText.count(remarks.lost, "packet")) of these connections, from before a WebSocket was found, "
          + "were too many to keep")
    }
    return lines.map { "\(Manual.name): \($0)\n" }.joined()
  }
}
