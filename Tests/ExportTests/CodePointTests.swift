import Analysis
import Bytes
import HTTP
import TestSupport
import Testing
import WebSocket

@testable import Export

/// Every code point in every place that a stranger can write to.
@Suite("No code point drives a terminal, wherever it stands")
struct CodePointTests {
  /// Where a text can stand in the output.
  enum Place: CaseIterable {
    case message, frame, header, url, subprotocol, extensions, reason, status, detail, path
  }

  /// Whether a terminal may do something else with `scalar` than show it in its place. Written down from Unicode's tables,
  /// independently of what is tested.
  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: return false
    case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0D, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB,
      0xFDD0...0xFDEF, 0x1D173...0x1D17A, 0xE000...0xF8FF, 0xE0000...0xE0FFF, 0xF0000...:
      return true
    case let value where value & 0xFFFE == 0xFFFE: return true
    default: break
    }
    return [.unassigned, .surrogate, .format, .control].contains(scalar.properties.generalCategory)
  }

  private static func write<E: Exporter & ~Copyable>(_ format: E.Type, _ text: String, at place: Place) -> String {
    var options = ExportOptions()
    options.width = 100_000
    options.isForTerminal = true
    options.requestedKinds = .all
    var story = Story(format, options)
    let bytes = Array(text.utf8)
    var record = makeConnection()
    switch place {
    case .message: story.message(bytes)
    case .frame: story.frame(0x81, bytes)
    case .header: record.response?.head.fields.append(HeaderField("X-" + text, text))
    case .url: record.handshake.url = "ws://a/" + text
    case .subprotocol: record.handshake.subprotocol = text
    case .extensions: record.handshake.extensions = [ExtensionElement("x; y=" + text)]
    case .reason: story.end { $0.serverClose = CloseReason(([3, 232] + bytes).span.bytes) }
    case .status:
      record.outcome = .refused
      record.response?.head.startLine = .response(version: "HTTP/1.1", status: 403, reason: text)
    case .detail: story.exporter.diagnostic(Diagnostic(.fileDamaged, detail: text))
    case .path: story.exporter.capture(CaptureRecord(files: [.init(path: text, format: nil, linkTypes: [])]))
    }
    story.exporter.connection(record)
    return story.text ?? "\u{7}not UTF-8"
  }

  /// Texts that hold code points together, each behind a letter, so that a mark has something to stand on: all of them, or
  /// only those of stretches where there is more than ideographs, private use and nothing.
  private static func texts(all: Bool) -> [String] {
    stride(from: UInt32(0), through: 0x10FFFF, by: 512).compactMap { first in
      let isDull: Bool =
        switch first {
        case 0x3400..<0xA000, 0xAC00..<0xD600, 0xE200..<0xF600: true
        case 0x10000..<0x20000: first & 0x0C00 != 0
        default: first >= 0x20000 && (0x200...0xFC00).contains(first & 0xFFFF)
        }
      guard all || !isDull else { return nil }
      let scalars = (first..<first + 512).compactMap { Unicode.Scalar($0) }
      return String(String.UnicodeScalarView(scalars.flatMap { ["x", $0] }))
    }
  }

  @Test("in text, in trees and in JSON for a terminal", arguments: Place.allCases)
  func everyPlace(_ place: Place) {
    var leaks: Set<UInt32> = []
    for text in Self.texts(all: false) {
      for written in [
        Self.write(TextExporter.self, text, at: place), Self.write(TreeExporter.self, text, at: place),
      ] {
        for scalar in written.unicodeScalars where Self.isDangerous(scalar) { leaks.insert(scalar.value) }
      }
      let json = Self.write(NDJSONExporter.self, text, at: place)
      for scalar in json.unicodeScalars {
        switch scalar.value {
        case 0x0A: break
        case 0x00...0x1F, 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F:
          leaks.insert(scalar.value)
        default: break
        }
      }
    }
    #expect(leaks.sorted().map { String($0, radix: 16) } == [])
  }

  @Test("every code point of all, escaped and as it stands")
  func all() {
    var leaks: Set<UInt32> = []
    for text in Self.texts(all: true) {
      for scalar in escapedForTerminal(Array(text.utf8)).unicodeScalars where Self.isDangerous(scalar) {
        leaks.insert(scalar.value)
      }
    }
    #expect(leaks == [])
  }

  @Test("what is printable stays readable")
  func readable() {
    var lost: [String] = []
    for first in stride(from: UInt32(0x20), to: 0x40000, by: 512) {
      let text = String(
        String.UnicodeScalarView((first..<first + 512).compactMap { Unicode.Scalar($0) }.filter(Self.isReadable)))
      if escapedForTerminal(Array(text.utf8)) != text { lost.append(text) }
    }
    #expect(lost == [])
  }

  private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
      .otherSymbol, .spaceSeparator:
      return !properties.isDefaultIgnorableCodePoint
    default: return false
    }
  }
}
