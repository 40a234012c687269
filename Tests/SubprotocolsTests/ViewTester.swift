import JSON
import Testing

@testable import Subprotocols

/// Shows messages of one connection to views, as the analyzer does.
final class ViewTester {
  private var views: MessageViews
  private var number: UInt64 = 0
  private var time: Int64 = 0
  /// The faults of the last message.
  var faults: [String] { views.faults }

  /// A connection with this subprotocol and request target; all its messages are for the view `forced`, if that is given.
  init(_ subprotocol: String? = nil, target: String? = nil, forced: String? = nil) {
    views = MessageViews(ViewOptions(forced: forced))
    views.begin(1, subprotocol: subprotocol, target: target)
  }

  /// What the next message means. Each comes a millisecond after the one before.
  func read(_ bytes: [UInt8], isText: Bool, fromClient: Bool = true, isWhole: Bool = true, isCut: Bool = false)
    -> MessageView?
  {
    number += 1
    time += 1_000_000
    var message = ViewedMessage(
      isFromClient: fromClient, isText: isText, isWhole: isWhole && !isCut, number: number, start: time, end: time)
    message.isCut = isCut
    return views.read(message, of: 1, bytes.span.bytes)
  }

  /// What the client, or the server, began and did not bring to its end.
  func unfinished(ofClient: Bool) -> String? { views.unfinished(1, ofClient: ofClient) }

  /// Messages of one end are missing here.
  func lose(fromClient: Bool = true) { views.lose(1, ofClient: fromClient) }

  /// The same as `read` for text.
  func text(_ text: String, fromClient: Bool = true) -> MessageView? {
    read(Array(text.utf8), isText: true, fromClient: fromClient)
  }

  /// The same for binary data of which no more than `stored` is kept.
  func cut(_ stored: [UInt8], fromClient: Bool = true) -> MessageView? {
    number += 1
    time += 1_000_000
    var message = ViewedMessage(
      isFromClient: fromClient, isText: false, isWhole: false, number: number, start: time, end: time)
    message.isCut = true
    return views.read(message, of: 1, stored.span.bytes)
  }

  /// The same for binary data.
  func binary(_ bytes: [UInt8], fromClient: Bool = true) -> MessageView? {
    read(bytes, isText: false, fromClient: fromClient)
  }
}

extension MessageView {
  /// The view as a JSON text; it must be one, on one line.
  var text: String {
    var scanner = JSONScanner()
    while scanner.next(json.span.bytes) != nil {}
    #expect(scanner.isComplete, "\(String(decoding: json, as: UTF8.self))")
    #expect(!json.contains { $0 < 0x20 })
    return String(decoding: json, as: UTF8.self)
  }

  /// The line for people.
  var words: String { String(decoding: line, as: UTF8.self) }

  /// The values at `path`, as they are written.
  func values(_ path: String) -> [String] {
    guard let path = try? JSONPath(path) else { return ["?"] }
    var lookup = JSONLookup(path)
    var values: [String] = []
    while let token = lookup.next(json.span.bytes) { values.append(String(decoding: json[token.range], as: UTF8.self)) }
    return values
  }

  /// The first value at `path`; nil without one.
  subscript(_ path: String) -> String? { values(path).first }
}
