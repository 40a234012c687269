import Bytes

/// A packet of Socket.IO where both ends use its parser for MessagePack: a binary message that is a map of type, namespace, data and id.
/// Binary data stand in it, so that it has no attachments.
struct SocketIOMessagePack {
  private typealias Reader = MessagePackReader

  private static let names: [StaticString] = [
    "CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK",
  ]

  private var type = 0
  private var namespace = 0..<0
  private var id: UInt64?
  private var data: Range<Int>?

  /// The packet that `content` is; nil if it is none.
  init?(_ content: RawSpan) {
    guard content.byteCount > 10, case .map(let size)? = Reader.item(content, at: 0), size ?? 0 >= 2, size ?? 6 <= 5,
      let type = Reader.value("type", of: content, from: 0), let nsp = Reader.value("nsp", of: content, from: 0),
      case .unsigned(let number)? = Reader.item(content, at: type.lowerBound), number < UInt64(Self.names.count),
      case .text(let name)? = Reader.item(content, at: nsp.lowerBound), content.begins(with: "/", at: name.lowerBound),
      Reader.end(of: content, from: 0) == content.byteCount
    else { return nil }
    self.type = Int(number)
    namespace = name
    data = Reader.value("data", of: content, from: 0)
    if let place = Reader.value("id", of: content, from: 0),
      case .unsigned(let number)? = Reader.item(content, at: place.lowerBound)
    {
      id = number
    }
  }

  /// Shows the packet that `content` is.
  func show(_ content: RawSpan, isFromClient: Bool, _ view: inout ViewWriter) {
    view.text("type", "\(Self.names[type])")
    view.say(Self.names[type])
    view.text("namespace", content.extracting(namespace))
    if namespace.count > 1 { view.say(content.extracting(namespace)) }
    if let id { view.integer("id", id) }
    switch type {
    case 2, 5: showEvent(content, &view)
    case 3, 6:
      if let id {
        view.say("\(id)")
        if let event = view.reply(key("\(id)", content).span.bytes) {
          view.text("event", event)
          view.say("of \(event)")
        }
      }
      showArguments(content, from: 0, &view)
    default: showOther(content, isFromClient, &view)
    }
  }

  private func showEvent(_ content: RawSpan, _ view: inout ViewWriter) {
    guard let elements = elements(content), let first = elements.first else { return }
    var name = ""
    if case .text(let range)? = Reader.item(content, at: first.lowerBound) {
      name = content.extracting(range).withUnsafeBytes { String(decoding: $0.prefix(256), as: UTF8.self) }
      view.say("\"\(name)\"")
    }
    view.value("event", Reader.self, content, from: first.lowerBound)
    showArguments(content, from: 1, &view)
    guard let id else { return }
    view.say("ack \(id)")
    view.request(key("\(id)", content).span.bytes, name)
  }

  private func showArguments(_ content: RawSpan, from first: Int, _ view: inout ViewWriter) {
    guard let elements = elements(content) else { return }
    view.array("args")
    for element in elements.dropFirst(first) {
      let start = view.written
      view.value(nil, Reader.self, content, from: element.lowerBound)
      view.sayWritten(from: element == elements.dropFirst(first).first ? start : start + 1)
    }
    view.close()
  }

  private func showOther(_ content: RawSpan, _ isFromClient: Bool, _ view: inout ViewWriter) {
    let key = key("connect", content)
    if type == 0, isFromClient {
      view.request(key.span.bytes, "CONNECT")
    } else if type == 0 || type == 4 {
      view.reply(key.span.bytes, isError: type == 4)
    }
    guard let data, Reader.item(content, at: data.lowerBound) != .null else { return }
    let start = view.written + 8  // ,"data":
    view.value("data", Reader.self, content, from: data.lowerBound)
    view.sayWritten(from: start)
  }

  /// The elements of the data; nil where they are no array.
  private func elements(_ content: RawSpan) -> [Range<Int>]? {
    guard let data, case .array? = Reader.item(content, at: data.lowerBound) else { return nil }
    return Reader.elements(of: content, from: data.lowerBound, most: 4096)?.ranges
  }

  /// What pairs a packet with another of the same namespace.
  private func key(_ kind: String, _ content: RawSpan) -> [UInt8] {
    "\(kind) msgpack ".bytes(and: content.extracting(namespace))
  }
}
