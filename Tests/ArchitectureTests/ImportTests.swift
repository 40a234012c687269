import Testing

@Suite("The architecture holds")
struct ImportTests {
  /// What the Swift files of each folder may import: the table of ARCHITECTURE.md.
  static let table: [String: Set<String>] = {
    let decoding: Set = ["Bytes", "Capture", "Transport", "TLS", "HTTP", "WebSocket"]
    let viewing = decoding.union(["Subprotocols"])
    let platform: Set = ["Glibc", "Musl", "Darwin", "Synchronization"]
    return [
      "Bytes": [],
      "JSON": ["Bytes"],
      "Capture": ["Bytes", "CZlib", "CZstd"],
      "Transport": ["Bytes", "Capture"],
      "TLS": ["Bytes", "CCrypto"],
      "HTTP": ["Bytes", "CCrypto"],
      "WebSocket": ["Bytes", "CZlib"],
      "Subprotocols": ["Bytes", "JSON", "CZlib"],
      "Analysis": viewing,
      "Statistics": viewing.union(["JSON", "Analysis"]),
      "Filter": viewing.union(["JSON", "Analysis", "CPCRE2"]).union(platform),
      "Export": viewing.union([
        "JSON", "Analysis", "Statistics", "Filter", "Synchronization", "CZlib", "CCrypto",
      ]),
      "Library": viewing.union(["JSON", "Analysis", "Statistics", "Filter", "Export"]),
      "LiveCapture": platform.union(["Capture", "CPcap"]),
      "Database": platform.union(["Bytes", "Capture", "Analysis", "Export", "CSQLite"]),
      "wstap": viewing.union([
        "JSON", "Analysis", "Statistics", "Filter", "Export", "Database", "LiveCapture", "CLinux",
      ]).union(platform),
    ]
  }()

  @Test("every folder with Swift in it has its row")
  func rows() {
    #expect(Set(SourceFile.all.map(\.module)) == Set(Self.table.keys))
  }

  @Test("each module imports what it may, and nothing else", arguments: table.keys.sorted())
  func imports(module: String) {
    for file in SourceFile.all where file.module == module {
      let forbidden = Set(file.imports).subtracting(Self.table[module] ?? [])
      #expect(forbidden.isEmpty, "Sources/\(file.path)")
    }
  }

  @Test("the library re-exports what it imports, so that one import is enough")
  func library() {
    let lines = SourceFile.all.filter { $0.module == "Library" }.flatMap(\.lines).filter { $0.contains("import ") }
    #expect(!lines.isEmpty)
    #expect(lines.allSatisfy { $0.hasPrefix("@_exported import ") || $0.hasPrefix("//") }, "\(lines)")
  }

  @Test("no Foundation: it costs start-up time, and the hot path needs none of it")
  func noFoundation() {
    for file in SourceFile.all {
      #expect(!file.imports.contains { $0.hasPrefix("Foundation") }, "Sources/\(file.path)")
    }
  }

  @Test("imports are found, however they are written")
  func reader() {
    let text = """
      import A
      @_exported import B
      public import C.Part
        import struct D.Thing
      @preconcurrency private import E
      // import F
      let important = 1
      """
    let file = SourceFile(module: "", path: "", lines: text.split(separator: "\n"))
    #expect(file.imports == ["A", "B", "C", "D", "E"])
  }
}

@Suite("Files stay small enough to read")
struct FileLengthTests {
  @Test("no file has more than 400 lines")
  func length() {
    #expect(SourceFile.all.count > 50, "the files were found")
    for file in SourceFile.all {
      let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
      #expect(count <= 400, "Sources/\(file.path)")
    }
  }
}
