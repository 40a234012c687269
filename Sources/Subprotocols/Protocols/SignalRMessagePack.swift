import Bytes

/// Messages of SignalR in MessagePack: arrays, whose elements have their meaning by their places.
enum SignalRMessagePack {
  private typealias Reader = MessagePackReader

  /// How many elements a message may have, by its type.
  private static let sizes = [0...0, 5...6, 4...4, 4...5, 5...6, 3...3, 1...1, 2...3, 2...2, 2...2]

  /// How well a message fits that nothing else is known of: the lengths must fill it, and all that follows them.
  static func likelihood(_ content: RawSpan) -> Double {
    var position = 0
    var count = 0
    while position < content.byteCount, count < 8 {
      guard let (length, header) = SignalRStream.length(content, position),
        length <= UInt64(content.byteCount - position - header), length > 0
      else { return 0 }
      let start = position + header
      position = start + Int(length)
      guard isMessage(content, start..<position) else { return 0 }
      count += 1
    }
    return count > 0 ? 0.9 : 0
  }

  private static func isMessage(_ content: RawSpan, _ range: Range<Int>) -> Bool {
    let bytes = content.extracting(0..<range.upperBound)
    guard let (elements, end) = Reader.elements(of: bytes, from: range.lowerBound), end == range.upperBound,
      let type = number(bytes, elements), type >= 1, type <= 9, sizes[Int(type)].contains(elements.count)
    else { return false }
    guard type <= 5, case .map? = Reader.item(bytes, at: elements[1].lowerBound) else { return type > 5 }
    return true
  }

  private static func number(_ bytes: RawSpan, _ elements: [Range<Int>]) -> Int64? {
    guard let first = elements.first, case .unsigned(let type)? = Reader.item(bytes, at: first.lowerBound) else {
      return nil
    }
    return Int64(exactly: type)
  }

  /// Shows the message in `range` of `content`; that is its beginning only if it is a part of `part`.
  static func show(_ content: RawSpan, _ range: Range<Int>, _ part: ViewedMessage?, _ view: inout ViewWriter) {
    let bytes = content.extracting(0..<range.upperBound)
    let read = Reader.elements(of: bytes, from: range.lowerBound)
    let isTooDeep = read != nil && read?.end == nil && part == nil && isTooDeep(bytes, from: range.lowerBound)
    let isPart = part != nil || isTooDeep
    if let read, let number = number(bytes, read.ranges) {
      show(number, bytes, read.ranges, isPart: isPart, &view)
      if !isPart { check(number, read.ranges.count, read.end == range.upperBound, &view) }
    } else if !isPart {
      view.fault("a message that is no array with a type")
    }
    if isPart { view.tellRest(part, isTooDeep: isTooDeep) }
  }

  private static func isTooDeep(_ bytes: RawSpan, from start: Int) -> Bool {
    var walker = DataWalker<Reader>(from: start)
    while walker.next(bytes) != nil {}
    return walker.fault == .tooDeep
  }

  private static func check(_ number: Int64, _ count: Int, _ isFilled: Bool, _ view: inout ViewWriter) {
    if !isFilled { view.fault("a message whose length is not that of its array") }
    if number >= 1, number <= 9, count < sizes[Int(number)].lowerBound {
      view.fault("too few elements for a message of this type")
    }
  }

  private static func show(
    _ number: Int64, _ bytes: RawSpan, _ elements: [Range<Int>], isPart: Bool, _ view: inout ViewWriter
  ) {
    let type = SignalRType(number, &view)
    switch number {
    case 1, 4: showCall(type, bytes, elements, &view)
    case 2, 3: showReply(type, bytes, elements, isPart: isPart, &view)
    case 5: showId(type, bytes, elements, "", isError: false, &view)
    case 7:
      if elements.count > 1, !isNull(bytes, elements[1]) { write("error", bytes, elements[1], &view) }
      if elements.count > 2 { write("allowReconnect", bytes, elements[2], &view) }
    case 8, 9: if elements.count > 1 { write("sequenceId", bytes, elements[1], &view) }
    default: break
    }
    if number >= 1, number <= 5, elements.count > 1, case .map(let count)? = item(bytes, elements[1]), count != 0 {
      view.value("headers", Reader.self, bytes, from: elements[1].lowerBound)
    }
  }

  /// Invocations: headers, id, target, arguments, ids of streams.
  private static func showCall(
    _ type: SignalRType, _ bytes: RawSpan, _ elements: [Range<Int>], _ view: inout ViewWriter
  ) {
    guard elements.count > 3 else { return }
    showId(type, bytes, elements, text(bytes, elements[3]) ?? "", isError: false, &view)
    write("target", bytes, elements[3], &view)
    if elements.count > 4 { write("arguments", bytes, elements[4], &view) }
    if elements.count > 5, case .array(let count)? = item(bytes, elements[5]), count != 0 {
      view.value("streamIds", Reader.self, bytes, from: elements[5].lowerBound)
    }
  }

  /// Items of streams, and completions, which say what they hold: 1 an error, 2 nothing, 3 a result.
  private static func showReply(
    _ type: SignalRType, _ bytes: RawSpan, _ elements: [Range<Int>], isPart: Bool, _ view: inout ViewWriter
  ) {
    guard elements.count > 3 else {
      if isPart { showId(type, bytes, elements, "", isError: false, &view) }
      return
    }
    guard type.number == 3 else {
      showId(type, bytes, elements, "", isError: false, &view)
      return write("item", bytes, elements[3], &view)
    }
    let kind = item(bytes, elements[3])
    showId(type, bytes, elements, "", isError: kind == .unsigned(1), &view)
    guard elements.count > 4 else {
      if kind != .unsigned(2), !isPart { view.fault("a completion without what it says that it has") }
      return
    }
    if kind == .unsigned(1) {
      write("error", bytes, elements[4], &view)
    } else {
      write("result", bytes, elements[4], &view)
    }
  }

  private static func showId(
    _ type: SignalRType, _ bytes: RawSpan, _ elements: [Range<Int>], _ target: String, isError: Bool,
    _ view: inout ViewWriter
  ) {
    guard elements.count > 2, let id = text(bytes, elements[2]) else { return }
    view.text("invocationId", id)
    view.say("#\(id)")
    type.pair(Array(id.utf8), target, isError: isError, &view)
  }

  private static func item(_ bytes: RawSpan, _ element: Range<Int>) -> DataItem? {
    Reader.item(bytes, at: element.lowerBound)
  }

  private static func isNull(_ bytes: RawSpan, _ element: Range<Int>) -> Bool { item(bytes, element) == .null }

  private static func text(_ bytes: RawSpan, _ element: Range<Int>) -> String? {
    guard case .text(let range)? = item(bytes, element) else { return nil }
    return bytes.extracting(range).withUnsafeBytes { String(decoding: $0.prefix(256), as: UTF8.self) }
  }

  /// Writes an element, and says it.
  private static func write(
    _ name: StaticString, _ bytes: RawSpan, _ element: Range<Int>, _ view: inout ViewWriter
  ) {
    let start = view.view.json.count + name.utf8CodeUnitCount + 4
    view.value(name, Reader.self, bytes, from: element.lowerBound)
    if case .text(let range)? = item(bytes, element) {
      view.say(bytes.extracting(range))
    } else {
      view.sayWritten(from: start)
    }
  }
}
