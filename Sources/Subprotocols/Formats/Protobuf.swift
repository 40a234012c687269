import Bytes

/// A message that may be one of Protocol Buffers: a guess, as its format does not say so, nor what its fields are called.
final class ProtobufPayload: PayloadView {
  static let description = ViewDescription(
    "protobuf", "Protocol Buffers", specification: "Protocol Buffers' wire format", subprotocols: ["protobuf"],
    fields: [
      ViewField(
        "fields", .json, "fields by their numbers, as guessed: numbers, texts, bytes, messages; arrays where repeated")
    ])

  /// How sure a guess can be.
  private static let most = 0.9

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, message.isWhole, content.byteCount > 4, content.byteCount <= 1 << 20 else { return 0 }
    // Of the first tags that there are, most are of fields 1 to 15, without the highest bit.
    guard content.u8(0) >= 8, content.u8(0) < 0x80, !UTF8Validator.isValid(content) || holdsControls(content),
      let tree = ProtobufTree(content)
    else { return 0 }
    return min(DataOdds.probability(tree.odds), most)
  }

  /// Whether there are controls that texts do not have.
  private static func holdsControls(_ content: RawSpan) -> Bool {
    for i in 0..<content.byteCount where content.u8(i) < 0x20 {
      if !(0x09...0x0D).contains(content.u8(i)) { return true }
    }
    return false
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard !message.isText, let tree = ProtobufTree(content) else { return .foreign }
    view.say("Protocol Buffers")
    if tree.isCut { view.leaveOut() }
    let start = view.written + 10  // ,"fields":
    Self.write(tree, content, &view)
    view.sayWritten(from: start)
    return .shown
  }

  /// Fields of a message that are being written, in the order of their numbers.
  private struct Level {
    var fields: [ProtobufTree.Field]
    var next = 0
    /// Number of the field whose values are in an array now; 0 without one.
    var repeated: UInt64 = 0
  }

  private static func write(_ tree: ProtobufTree, _ content: RawSpan, _ view: inout ViewWriter) {
    let top = tree.fields.prefix { $0.depth == 0 }
    view.object("fields")
    var levels = [level(top)]
    while var level = levels.popLast() {
      guard level.next < level.fields.count else {
        if level.repeated != 0 { view.close() }
        view.close()
        continue
      }
      let field = level.fields[level.next]
      if level.repeated != 0, level.repeated != field.number {
        view.close()
        level.repeated = 0
      }
      var isNamed = true
      if level.repeated == 0 {
        isNamed = view.name("\(field.number)".utf8Span.span.bytes)
        let isRepeated = level.next + 1 < level.fields.count && level.fields[level.next + 1].number == field.number
        if isNamed, isRepeated {
          view.array()
          level.repeated = field.number
        }
      }
      level.next += 1
      levels.append(level)
      guard isNamed else { continue }
      if case .message(let range) = field.value {
        view.object()
        levels.append(self.level(tree.fields[range]))
      } else {
        write(field.value, content, &view)
      }
    }
  }

  /// The fields of a message by their numbers; those of one number in the order in which they stand.
  private static func level(_ fields: ArraySlice<ProtobufTree.Field>) -> Level {
    let sorted = fields.enumerated().sorted {
      ($0.element.number, $0.offset) < ($1.element.number, $1.offset)
    }
    return Level(fields: sorted.map(\.element))
  }

  private static func write(_ value: ProtobufTree.Value, _ content: RawSpan, _ view: inout ViewWriter) {
    switch value {
    // Negative numbers are sent as those of 64 bits.
    case .number(let value): view.integer(nil, Int64(bitPattern: value))
    case .fixed32(let bits):
      let number = Double(Float(bitPattern: bits))
      if bits != 0, ProtobufTree.isPlausible(number) { view.number(nil, number) } else { view.integer(nil, bits) }
    case .fixed64(let bits):
      let number = Double(bitPattern: bits)
      if bits != 0, ProtobufTree.isPlausible(number) { view.number(nil, number) } else { view.integer(nil, bits) }
    case .text(let range): view.text(nil, content.extracting(range))
    case .data(let range), .group(let range): view.data(nil, content.extracting(range))
    case .message: view.null(nil)
    }
  }
}
