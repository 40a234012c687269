import Analysis

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
      var ring = FileRing(path, rule)
      output = PacketOutput(try ring.next(), ring: ring)
      return
    }
    if path == "-", isatty(STDOUT_FILENO) == 1 { throw .isTerminal }
    let file = try OutputFile.open(path == "-" ? nil : path, besides: settings.inputs)
    if settings.printsRecords, let status = file.status, records.status?.isSameFile(as: status) == true {
      throw .isOutput(name: file.name)
    }
    output = PacketOutput(file)
  }

  /// The limits for packets that are just captured: who reads them from a pipe does not wait for long.
  var liveLimits: WritingLimits { WritingLimits(patience: output.isRegularFile ? .max : Self.livePatience) }

  /// Nanoseconds for which a captured packet waits that goes into a pipe: 10 s.
  private static let livePatience: Int64 = 10_000_000_000

  /// What people are told in the end, each line ended.
  var summary: String {
    var lines = ["wrote \(SummaryText.count(output.packets, "packet")) to \(output.files)"]
    if remarks.forced > 0 {
      lines.append(
        "\(SummaryText.count(remarks.forced, "packet")) of these are of connections that were undecided for too long: "
          + "not all may be WebSocket")
    }
    if remarks.lost > 0 {
      lines.append(
        "\(SummaryText.count(remarks.lost, "packet")) of these connections, from before a WebSocket was found, "
          + "were too many to keep")
    }
    return lines.map { "\(Manual.name): \($0)\n" }.joined()
  }
}
