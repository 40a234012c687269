import Analysis
import Export
import LiveCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The program `wstap`.
@main
struct Main {
  static func main() {
    SystemCalls.ignoreBrokenPipes()
    exit(run(ArgumentText.ofProcess()).rawValue)
  }

  /// The options, with all formats that there are.
  static var table: OptionTable {
    OptionTable(
      formats: Exporters.all.map { ($0.name, $0.summary) } + [(DatabaseOutput.format, DatabaseOutput.summary)])
  }

  /// Does what `arguments` ask for.
  static func run(_ arguments: [String]) -> ExitCode {
    let table = Self.table
    let terminal = Terminal(descriptor: 0, environment: .current())
    do throws(UsageError) {
      let settings = try CommandLineParser.parse(arguments, table: table, stdinIsTerminal: terminal.isTerminal)
      return run(settings, table)
    } catch {
      StandardError.write(error.report)
      return .failure
    }
  }

  private static func run(_ settings: Settings, _ table: OptionTable) -> ExitCode {
    switch settings.mode {
    case .analyze: return AnalyzeCommand(settings).run()
    case .shortHelp: return show(ShortHelp.text(table), settings)
    case .longHelp:
      let width = Terminal(descriptor: 1, environment: .current()).width
      return show(LongHelp.text(table, width: width), settings)
    case .version: return show("\(Manual.name) \(Manual.version)\n", settings)
    case .generate(let kind): return show(text(kind, table), settings)
    case .listDiagnostics: return show(DiagnosticTable.text(), settings)
    case .listFields:
      let terminal = Terminal(descriptor: 1, environment: .current())
      return show(FieldList.text(width: terminal.isTerminal ? terminal.width : nil), settings)
    case .listInterfaces: return listInterfaces(settings)
    }
  }

  private static func text(_ kind: GeneratedFile, _ table: OptionTable) -> String {
    switch kind {
    case .man: ManualPage.text(table)
    case .bash: BashCompletion.text(table)
    case .zsh: ZshCompletion.text(table)
    case .fish: FishCompletion.text(table)
    }
  }

  private static func listInterfaces(_ settings: Settings) -> ExitCode {
    do throws(LiveCaptureError) {
      let interfaces = try NetworkInterface.all()
      if interfaces.isEmpty { StandardError.write("\(Manual.name): \(LiveCaptureError.noneFound)\n") }
      return interfaces.isEmpty ? .failure : show(InterfaceTable.text(interfaces), settings)
    } catch {
      StandardError.write(error.report)
      return .failure
    }
  }

  /// Prints `text` where records would go.
  private static func show(_ text: String, _ settings: Settings) -> ExitCode {
    do throws(OutputError) {
      let output = try OutputFile.open(settings)
      try output.write(text)
      try output.close()
      return .found
    } catch {
      if error == .closedPipe { return .found }
      StandardError.write("\(Manual.name): \(error)\n")
      return .failure
    }
  }
}
