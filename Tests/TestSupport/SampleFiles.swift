import Analysis
import Capture
import Foundation
import TLS

/// The captures in `Samples/`, and the other files of the repository that tests look at.
public enum SampleFiles {
  /// The repository's top folder.
  public static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The file names of all captures, in order.
  public static let names: [String] = {
    let folder = repository.appending(path: "Samples").path()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { name in [".pcap", ".pcapng", ".pcap.gz", ".pcap.zst"].contains { name.hasSuffix($0) } }
      .sorted()
  }()

  /// The capture `name`, unpacked.
  public static func capture(_ name: String) throws -> [UInt8] {
    unpacked([UInt8](try Data(contentsOf: repository.appending(path: "Samples/\(name)"))))
  }

  /// The key log beside the sample `name`; empty if there is none.
  public static func keyLog(_ name: String, startingWith start: String = "") -> KeyLog {
    var log = KeyLog()
    if let text = try? String(contentsOf: repository.appending(path: "Samples/\(name).keys"), encoding: .utf8) {
      let lines = text.split(separator: "\n").filter { $0.hasPrefix(start) }
      log.read(Array(lines.joined(separator: "\n").utf8).span.bytes)
    }
    return log
  }

  /// `file` as it was before it was packed, if it is.
  private static func unpacked(_ file: [UInt8]) -> [UInt8] {
    guard let format = CompressionFormat(startingWith: file.span.bytes) else { return file }
    let decompressor = CaptureDecompressor(format)
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var position = 0
    while true {
      var filled = 0
      let step = decompressor.decompress(file.span.bytes, &position, into: &buffer, &filled)
      result += buffer[..<filled]
      if step != .outputFull { return result }
    }
  }
}

/// Runs the whole of wstap on captures in memory, as the command does on files.
///
/// Files are read one after the other. What is wrong with them becomes a diagnostic.
///
/// - Parameters:
///   - files: paths and (unpacked) contents.
///   - keyLog: secrets for TLS, besides those in the files.
/// - Throws: `CaptureFileError` if one is no capture.
public func analyze<Sink: RecordSink & ~Copyable>(
  _ files: [(path: String, bytes: [UInt8])], _ options: AnalyzerOptions = AnalyzerOptions(), keyLog: KeyLog = KeyLog(),
  into sink: inout Sink
) throws {
  var analyzer = Analyzer(options)
  analyzer.keyLog = keyLog
  var damagedBytes: UInt64 = 0
  sink.capture(CaptureRecord(files: try files.map { try describe($0.path, $0.bytes) }))
  for (index, file) in files.enumerated() {
    var reader = CaptureReader()
    var position = 0
    // All of the file is shown at once: `finish` gives every event.
    while let event = try reader.finish(file.bytes.span.bytes, &position) {
      switch event {
      case .packet(let packet):
        analyzer.packet(packet, file.bytes.span.bytes, file: UInt32(truncatingIfNeeded: index), into: &sink)
      case .fault(let fault):
        if case .unread(let bytes) = fault.kind { damagedBytes += bytes }
        sink.diagnostic(Diagnostic(fault.code, detail: "\(fault)"))
      case .secrets(let secrets):
        analyzer.keyLog.read(file.bytes.span.bytes.extracting(secrets.data))
        analyzer.retryTLS(into: &sink)
      case .interface:
        if reader.format == .pcapng { analyzer.expectsSecrets = true }
      case .statistics, .other:
        break
      }
    }
  }
  analyzer.finish(into: &sink)
  var summary = analyzer.summary
  summary.damagedBytes = damagedBytes
  sink.summary(summary)
}

/// What the command says of a file before its first packet.
private func describe(_ path: String, _ bytes: [UInt8]) throws -> CaptureRecord.File {
  var reader = CaptureReader()
  var position = 0
  var linkTypes: [LinkType] = []
  while let event = try reader.finish(bytes.span.bytes, &position) {
    if case .packet = event { break }
    if case .interface(let interface) = event { linkTypes.append(interface.linkType) }
  }
  return .init(path: path, format: reader.format?.name ?? "unknown", linkTypes: linkTypes)
}
