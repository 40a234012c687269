import Foundation

/// A Swift file of `Sources`.
struct SourceFile {
  /// The folder in `Sources` that it lies in.
  var module: String
  /// Its path from `Sources` on.
  var path: String
  var lines: [Substring]

  /// The modules that it imports.
  var imports: [String] {
    lines.compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      let qualifiers = words.prefix { $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) }
      let rest = words.dropFirst(qualifiers.count)
      guard rest.first == "import", var name = rest.dropFirst().first else { return nil }
      if ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(name), rest.count > 2 {
        name = rest[rest.startIndex + 2]
      }
      return name.split(separator: ".").first.map(String.init)
    }
  }

  /// All of them.
  static let all: [SourceFile] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    let paths = FileManager.default.enumerator(atPath: root.path())?.compactMap { $0 as? String } ?? []
    return paths.sorted().filter { $0.hasSuffix(".swift") }.compactMap { path in
      guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
      let module = path.split(separator: "/").first.map(String.init) ?? ""
      return SourceFile(
        module: module, path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }()
}
