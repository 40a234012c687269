import Analysis
import CZlib
import Foundation
import Subprotocols
import TestSupport

@testable import Export

/// A report taken apart: its page, and what its blocks hold.
struct ReportReader {
  /// All before the first block.
  let page: String
  /// Lines of records, in order.
  var lines: [String] = []
  /// The payload blocks, in order.
  var payloads: [[UInt8]] = []
  /// Whether all behind the page is blocks, each of base64 and nothing else.
  var isClean = true

  private static let kinds = ["records", "payloads"]
  private static func opening(_ kind: String) -> String {
    "<script type=\"application/octet-stream\" data-block=\"\(kind)\">"
  }

  init(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    let start = text.range(of: "<script type=\"application/octet-stream\"")?.lowerBound ?? text.endIndex
    page = String(text[..<start])
    for line in text[start...].split(separator: "\n") {
      guard let kind = Self.kinds.first(where: { line.hasPrefix(Self.opening($0)) }), line.hasSuffix("</script>") else {
        isClean = false
        continue
      }
      let packed = line.dropFirst(Self.opening(kind).count).dropLast("</script>".count)
      guard let data = Data(base64Encoded: String(packed)), let block = inflated([UInt8](data)) else {
        isClean = false
        continue
      }
      if kind == "payloads" {
        payloads.append(block)
      } else {
        lines += String(decoding: block, as: UTF8.self).split(separator: "\n").map { String($0) }
      }
    }
  }

  /// The report of `files`.
  init(
    of files: [(path: String, bytes: [UInt8])], _ limits: ReportLimits = ReportLimits(), kinds: RecordKinds = .all
  ) throws {
    final class Gathered { var bytes: [UInt8] = [] }
    let gathered = Gathered()
    var options = ExportOptions()
    options.hasSeveralFiles = files.count > 1
    options.requestedKinds = kinds == .all ? nil : kinds
    let exporter = HTMLExporter(options, limits: limits) { gathered.bytes += $0 }
    var sink = RecordFilter(exporter, kinds: kinds, views: ViewOptions())
    try analyze(files, into: &sink)
    sink.next.finish()
    try self.init(gathered.bytes)
  }

  /// The lines that are objects, of a type; without it, those of the JSON output.
  func objects(_ type: String? = nil) -> [String] {
    let own = ["base", "ends", "report"].map { "{\"type\":\"\($0)\"" }
    return lines.filter { line in
      if let type { return line.hasPrefix("{\"type\":\"\(type)\"") }
      return line.hasPrefix("{") && !own.contains { line.hasPrefix($0) }
    }
  }

  /// The lines that are arrays: 0 for messages, 1 for frames.
  func rows(_ kind: Int) throws -> [[Any]] {
    try lines.filter { $0.hasPrefix("[\(kind),") }.map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any] ?? []
    }
  }

  /// The payload of a row whose block, offset and length stand at `place`; nil if the report does not have it.
  func payload(_ row: [Any], at place: Int) -> [UInt8]? {
    guard row.count > place + 2, let block = row[place] as? Int, let offset = row[place + 1] as? Int,
      let length = row[place + 2] as? Int, payloads.indices.contains(block) || length == 0
    else { return nil }
    if length == 0 { return block < 0 ? nil : [] }
    guard offset + length <= payloads[block].count else { return nil }
    return Array(payloads[block][offset..<offset + length])
  }
}

/// What a zlib stream holds; nil if it is damaged.
private func inflated(_ bytes: [UInt8]) -> [UInt8]? {
  var result: [UInt8] = []
  var capacity = bytes.count * 8 + 65_536
  while capacity < 1 << 30 {
    var length = uLong(capacity)
    result = [UInt8](repeating: 0, count: capacity)
    switch uncompress(&result, &length, bytes, uLong(bytes.count)) {
    case Z_OK: return Array(result[..<Int(length)])
    case Z_BUF_ERROR: capacity *= 4
    default: return nil
    }
  }
  return nil
}
