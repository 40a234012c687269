import Bytes
import CCrypto

/// The page of every report: what is in `page/`, put together.
///
/// Nothing of a capture is in it. Its policy lets run and apply only the one script and the one style that it brings.
enum ReportPage {
  private typealias Files = PackageResources

  private static var styles: [[UInt8]] {
    [Files.theme_css, Files.layout_css, Files.parts_css, Files.detail_css, Files.small_css]
  }

  /// In the order in which one needs the other.
  private static var scripts: [[UInt8]] {
    [
      Files.base_js, Files.format_js, Files.text_js, Files.blocks_js, Files.model_js, Files.views_js, Files.filter_js,
      Files.grid_js,
      Files.state_js, Files.connections_js, Files.messages_js, Files.timeline_js, Files.pointer_js, Files.json_js,
      Files.bytes_js, Files.header_js, Files.detail_js, Files.panels_js, Files.facts_js, Files.splitter_js,
      Files.keys_js, Files.print_js, Files.main_js,
    ]
  }

  /// Writes the page up to where the blocks begin.
  static func write(to writer: inout ByteWriter) {
    let style = Array(styles.joined())
    let script = Array(scripts.joined())
    let parts: [String: [UInt8]] = [
      "style": style, "script": script, "policy": Array(policy(style: style, script: script).utf8),
      "version": Array(Version.current.utf8),
    ]
    // Between the places that are to be filled in: {{name}}
    var rest = Files.report_html[...]
    while let open = rest.firstIndex(of: 0x7B), let close = rest[open...].firstIndex(of: 0x7D) {
      let before = Array(rest[..<open])
      writer.raw(before.span.bytes)
      let name = String(decoding: rest[open..<close].drop { $0 == 0x7B }, as: UTF8.self)
      if let part = parts[name] { writer.raw(part.span.bytes) }
      rest = rest[(close + 1)...].drop { $0 == 0x7D }
    }
    let end = Array(rest)
    writer.raw(end.span.bytes)
  }

  /// The content security policy: nothing from anywhere, and no other script or style than these.
  static func policy(style: [UInt8], script: [UInt8]) -> String {
    "default-src 'none'; script-src 'sha256-\(digest(script))'; style-src 'sha256-\(digest(style))'; "
      + "img-src data:; base-uri 'none'; form-action 'none'; "
      + "require-trusted-types-for 'script'; trusted-types 'none'"
  }

  /// SHA-256 in base64.
  private static func digest(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else { return "" }
    var writer = ByteWriter()
    writer.base64(digest.span.bytes.extracting(0..<Int(length)))
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
