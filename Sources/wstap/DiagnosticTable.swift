import Analysis

/// What `--list-diagnostics` prints.
enum DiagnosticTable {
  /// One diagnostic a line: slug, severity, reference, sentence.
  static func text() -> String {
    let rows = DiagnosticCode.all.map { ($0.slug, "\($0.severity.name)", $0.reference ?? "-", $0.sentence) }
    let slug = rows.map(\.0.count).max() ?? 0
    let reference = rows.map(\.2.count).max() ?? 0
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    return rows.map { "\(pad($0.0, slug))  \(pad($0.1, 7))  \(pad($0.2, reference))  \($0.3)\n" }.joined()
  }
}
