import Testing

@testable import Export

@Suite("Tables for people")
struct TextTableTests {
  private func lines(_ columns: [TextTable.Column], _ row: [String], width: Int) -> [String] {
    var options = ExportOptions()
    options.width = width
    var table = TextTable(columns)
    table.add(row)
    var output: [UInt8] = []
    withUnsafeMutablePointer(to: &output) { output in
      var writer = TerminalWriter(options, drain: { output.pointee += $0 })
      table.write(to: &writer)
      writer.bytes.flush()
    }
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("fit into the terminal, without the columns that are worth least")
  func narrow() {
    let columns: [TextTable.Column] = [
      .init(title: "request"), .init(title: "view", rank: 4), .init(title: "count"), .init(title: "errors"),
      .init(title: "unanswered", rank: -3), .init(title: "median", rank: -1), .init(title: "max"),
    ]
    let row = ["eth_getBalanceOfSomebody", "jsonrpc", "3", "0", "1", "676 µs", "784 µs"]
    for width in 36...90 {
      for line in lines(columns, row, width: width) { #expect(line.count <= width, "\(width): \(line)") }
    }
    #expect(lines(columns, row, width: 80)[0].contains("view") && !lines(columns, row, width: 70)[0].contains("view"))
    #expect(lines(columns, row, width: 55)[0].hasSuffix("count  errors  unanswered  median     max"))
    #expect(lines(columns, row, width: 54)[0].hasSuffix("count  errors  unanswered     max"))
    #expect(lines(columns, row, width: 40)[0].hasSuffix("count  errors     max"))
  }
}
