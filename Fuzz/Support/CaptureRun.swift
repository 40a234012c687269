import Analysis
import Bytes
import Capture
import Export

/// A capture read from end to end, as the command does it, but for packets that get lost.
struct CaptureRun {
  private let file: [UInt8]
  let options: AnalyzerOptions
  /// How many of the first packets are lost, and how many parts of 16 of the others.
  private let lost: (first: UInt64, share: UInt64)

  /// The byte at index 15 means nothing in a pcap file and next to nothing in a pcapng file: here, it says how to analyze.
  /// That at index 13, which means nothing in a pcap file, says which packets are lost.
  init(_ file: [UInt8]) {
    self.file = file
    let flags = file.count > 15 ? file[15] : 0
    var options = AnalyzerOptions()
    if flags & 1 != 0 { options.messages.stored = 10 }
    if flags & 2 != 0 { options.messages.stored = .max }
    if flags & 4 != 0 {
      options.reassembly.heldBytes = 1000
      options.reassembly.heldSegments = 2
      options.reassembly.patiencePackets = 2
    }
    options.ignoresChecksums = flags & 8 != 0
    if flags & 16 != 0 { options.assumedPorts = [80, 8080, 8765] }
    let loss = file.count > 13 && file[0] != 0x0A ? UInt64(file[13]) : 0
    lost = (loss & 0x1F, loss >> 5)
    self.options = options
  }

  /// Gives all records to `sink`, reading in pieces of these sizes, in turn.
  func run<S: RecordSink & ~Copyable>(_ pieces: [Int], into sink: inout S) {
    var reader = CaptureReader()
    var analyzer = Analyzer(options)
    var rest: [UInt8] = []
    var shown = 0
    sink.capture(CaptureRecord(files: [.init(path: "capture", format: "pcap", linkTypes: [])]))
    do throws(CaptureFileError) {
      for piece in pieces {
        rest += file[shown..<shown + piece]
        shown += piece
        var position = 0
        while let event = try reader.next(rest.span.bytes, &position) { take(event, rest, &analyzer, into: &sink) }
        rest.removeFirst(position)
      }
      var position = 0
      while let event = try reader.finish(rest.span.bytes, &position) { take(event, rest, &analyzer, into: &sink) }
    } catch {}
    analyzer.finish(into: &sink)
    sink.summary(analyzer.summary)
  }

  private func take<S: RecordSink & ~Copyable>(
    _ event: CaptureEvent, _ bytes: [UInt8], _ analyzer: inout Analyzer, into sink: inout S
  ) {
    switch event {
    case .packet(let packet):
      let mixed = packet.number &* 0x9E37_79B9_7F4A_7C15
      guard packet.number > lost.first, mixed >> 60 >= lost.share else { return }
      analyzer.packet(packet, bytes.span.bytes, into: &sink)
    case .fault(let fault): sink.diagnostic(Diagnostic(fault.code, detail: "\(fault)"))
    case .secrets(let secrets):
      analyzer.keyLog.read(bytes.span.bytes.extracting(secrets.data))
      analyzer.retryTLS(into: &sink)
    case .interface: analyzer.expectsSecrets = true
    case .statistics, .other: break
    }
  }

  /// All records as `format` writes them.
  func text<E: Exporter & ~Copyable>(_ format: E.Type, _ options: ExportOptions, _ pieces: [Int]) -> [UInt8] {
    let output = Output()
    var exporter = format.init(options, drain: { output.bytes += $0 })
    run(pieces, into: &exporter)
    exporter.finish()
    return output.bytes
  }

  private final class Output {
    var bytes: [UInt8] = []
  }
}
