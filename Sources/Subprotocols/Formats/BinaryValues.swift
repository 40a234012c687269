import Bytes

/// A message that is one value of MessagePack, of which no more is known.
final class MessagePackPayload: PayloadView {
  static let description = ViewDescription(
    "msgpack", "MessagePack", specification: "MessagePack", subprotocols: ["msgpack", "messagepack"],
    fields: [ViewField("value", .json, "the value, as JSON")])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, content.byteCount > 1, content.u8(0) >= 0x80 else { return 0 }
    return DataEvidence<MessagePackReader>.likelihood(content, isWhole: message.isWhole)
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("MessagePack")
    return view.values(MessagePackReader.self, message, content)
  }
}

/// A message that is one value of CBOR, of which no more is known.
final class CBORPayload: PayloadView {
  static let description = ViewDescription(
    "cbor", "CBOR", specification: "RFC 8949", subprotocols: ["cbor"],
    fields: [ViewField("value", .json, "the value, as JSON")])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, content.byteCount > 1, content.u8(0) >= 0x80 else { return 0 }
    return DataEvidence<CBORReader>.likelihood(content, isWhole: message.isWhole)
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("CBOR")
    return view.values(CBORReader.self, message, content)
  }
}

extension ViewWriter {
  /// Shows a message that is one value, or several, one behind the other; the others as `more`.
  fileprivate mutating func values<Reader: DataReader>(
    _ reader: Reader.Type, _ message: ViewedMessage, _ content: RawSpan
  ) -> ViewReading {
    guard !message.isText, reader.item(content, at: 0) != nil else { return .foreign }
    let written = view.json.count + 9  // ,"value":
    var start = 0
    var position = value("value", reader, content, from: 0)
    sayWritten(from: written)
    if let first = position, first < content.byteCount {
      array("more")
      while let next = position, next < content.byteCount, hasRoom {
        start = next
        position = value(nil, reader, content, from: next)
      }
      close()
      say("+ more")
    }
    if message.isCut { say("(cut by --max-payload)") }
    switch position == nil ? DataWalker<Reader>.fault(of: content, from: start) : nil {
    case nil: break
    case .tooDeep?: leaveOut()
    case let why?: if message.isWhole { fault(why.words) }
    }
    return .shown
  }
}

extension DataWalker {
  /// Why the bytes from `position` on are no value; nil if there is one.
  static func fault(of bytes: RawSpan, from position: Int) -> DataFault? {
    var walker = DataWalker(from: position)
    while walker.next(bytes) != nil {}
    return walker.fault
  }
}
