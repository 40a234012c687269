import Bytes

/// A table for people: the first column is a text, which is cut where there is no room, all others are numbers, right-aligned.
/// Columns that can be done without are left out of a narrow terminal.
struct TextTable {
  /// A column.
  struct Column {
    var title: String
    /// How soon it is left out; 0: never. Those below 0 only go where the first column would be too narrow without that, -1 at first.
    var rank = 0
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  /// Columns of the terminal between two columns.
  private static let gap = 2
  private static let leastFirst = 12

  init(_ columns: [Column]) { self.columns = columns }

  var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; of the cells, only the first may come from the wire.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  func write(to writer: inout TerminalWriter) {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { TerminalText.columns(of: $0[column]) }.max() ?? 0 }
    let shown = fitting(widths, writer.width)
    let others = shown.dropFirst().reduce(0) { $0 + widths[$1] + Self.gap }
    let first = min(widths[0], max(Self.leastFirst, (writer.width ?? .max) - others))
    for (index, row) in all.enumerated() {
      if index == 0 { writer.paint(.dim) }
      let text = LosslessText.bytes(row[0])
      let used = writer.cut(text.span.bytes, columns: first)
      writer.spaces(first - used)
      for column in shown.dropFirst() {
        let cell = row[column]
        writer.spaces(Self.gap + widths[column] - TerminalText.columns(of: cell))
        writer.bytes.text(cell)
      }
      if index == 0 { writer.plain() }
      writer.newline()
      writer.bytes.flushIfFull()
    }
  }

  /// The columns for which there is room.
  private func fitting(_ widths: [Int], _ width: Int?) -> [Int] {
    var shown = Array(columns.indices)
    guard let width else { return shown }
    func needed() -> Int {
      shown.dropFirst().reduce(min(widths[0], 2 * Self.leastFirst)) { $0 + widths[$1] + Self.gap }
    }
    while needed() > width, let last = shown.max(by: { columns[$0].rank < columns[$1].rank }), columns[last].rank > 0 {
      shown.removeAll { $0 == last }
    }
    func least() -> Int { needed() - max(0, min(widths[0], 2 * Self.leastFirst) - Self.leastFirst) }
    while least() > width,
      let last = shown.filter({ columns[$0].rank < 0 }).max(by: { columns[$0].rank < columns[$1].rank })
    {
      shown.removeAll { $0 == last }
    }
    return shown
  }
}
