import Bytes

/// A message that is compressed as gzip does it.
final class GzipPayload: PayloadView {
  static let description = ViewDescription(
    "gzip", "gzip", specification: "RFC 1952", fields: CompressedFields.fields)

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    // The method is deflate, and the upper flags are reserved (§2.3.1).
    guard !message.isText, content.byteCount > 10, content.u8(0) == 0x1F, content.u8(1) == 0x8B else { return 0 }
    return content.u8(2) == 8 && content.u8(3) < 0x20 ? 1 : 0
  }

  private let context: ViewContext

  init(_ context: ViewContext) { self.context = context }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard Self.likelihood(of: message, content, outline) > 0 else { return .foreign }
    view.say("gzip")
    view.compressed(message, content, isGzip: true, context)
    return .shown
  }
}

/// A message that is compressed as zlib does it.
final class ZlibPayload: PayloadView {
  static let description = ViewDescription(
    "zlib", "zlib", specification: "RFC 1950", fields: CompressedFields.fields)

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, PayloadInflater.isZlib(content) else { return 0 }
    // Two bytes say little: what follows must be deflated data, and have the right checksum behind it.
    var output: [UInt8] = []
    switch PayloadInflater(isGzip: false).inflate(content, into: &output) {
    case .over(let left): return left == 0 ? 0.99 : 0
    case .full: return 0.95
    case .input: return message.isWhole || output.count < 64 ? 0 : 0.9
    case .damaged: return 0
    }
  }

  private let context: ViewContext

  init(_ context: ViewContext) { self.context = context }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard !message.isText, PayloadInflater.isZlib(content) else { return .foreign }
    view.say("zlib")
    view.compressed(message, content, isGzip: false, context)
    return .shown
  }
}

/// What views of compressed payloads show.
enum CompressedFields {
  static let fields = [
    ViewField("length", .number, "bytes that it inflates to, 1 MiB at most"),
    ViewField("truncated", .boolean, "true if there is more, or it breaks off, or is damaged"),
    ViewField("content", .json, "what it inflates to: JSON, text, or bytes; not where `carries` has it all"),
    ViewField("carries", .json, "what that means: a view of it"),
  ]
}

extension ViewWriter {
  /// Inflates `content` and shows what is in it.
  fileprivate mutating func compressed(
    _ message: ViewedMessage, _ content: RawSpan, isGzip: Bool, _ context: ViewContext
  ) {
    var output: [UInt8] = []
    let inflater = PayloadInflater(isGzip: isGzip)
    var end = inflater.inflate(content, into: &output)
    // Members of gzip stand one behind the other, and what they hold does so, too (RFC 1952 §2.2).
    while isGzip, case .over(let left) = end, left > 2 {
      let rest = content.extracting(content.byteCount - left..<content.byteCount)
      guard rest.u8(0) == 0x1F, rest.u8(1) == 0x8B else { break }
      guard output.count < PayloadInflater.mostKept else {
        end = .full
        break
      }
      inflater.reset()
      end = inflater.inflate(rest, into: &output, most: PayloadInflater.mostKept - output.count)
    }
    if message.isCut { say("(cut by --max-payload)") }
    var isWhole = false
    switch end {
    case .over(let left):
      isWhole = true
      if left > 0, message.isWhole { fault("\(left) bytes behind the compressed data") }
    case .damaged: if message.isWhole { fault("the compressed data is damaged") }
    case .input: if message.isWhole { fault("the compressed data is not complete") }
    case .full: break
    }
    inflated(message, output, isWhole: isWhole, CarriedMessages(context))
  }
}
