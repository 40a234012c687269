import Bytes

/// A value of MessagePack or CBOR, or the beginning of one that holds others. Ranges are places in the bytes that it was read from.
public enum DataItem: Equatable, Sendable {
  /// Nothing: `nil` in MessagePack.
  case null
  /// No value (CBOR).
  case undefined
  /// True or false.
  case boolean(Bool)
  /// A whole number that is not negative.
  case unsigned(UInt64)
  /// The whole number −1 − n.
  case negative(UInt64)
  /// A number.
  case float(Double)
  /// Text, which should be UTF-8.
  case text(Range<Int>)
  /// Bytes.
  case data(Range<Int>)
  /// Text or bytes in pieces (CBOR, RFC 8949 §3.2.3): the range holds items of that kind, one behind the other.
  case pieces(isText: Bool, Range<Int>)
  /// An array of so many values; of those up to `end` where the number is nil.
  case array(UInt64?)
  /// A map of so many keys and values; of those up to `end` where the number is nil.
  case map(UInt64?)
  /// A value of an extension type (MessagePack).
  case extended(Int8, Range<Int>)
  /// A tag (CBOR); the value that it is for follows.
  case tag(UInt64)
  /// A simple value that has no other meaning (CBOR).
  case simple(UInt8)
  /// The end of an array or map that does not say how long it is (CBOR).
  case end
}

/// Why bytes are no value of MessagePack or CBOR.
public enum DataFault: Equatable, Sendable {
  /// They end within it.
  case cut
  /// A first byte that stands for nothing.
  case reserved(UInt8)
  /// A simple value in two bytes that must be in one (RFC 8949 §3.3).
  case longSimpleValue
  /// A piece of a text or of bytes that is none (RFC 8949 §3.2.3).
  case foreignPiece
  /// The end of an array or map, where none may end.
  case strayEnd
  /// Arrays, maps and tags in each other, deeper than is read: a limit of ours, no fault of theirs.
  case tooDeep

  /// In a few words.
  public var words: String {
    switch self {
    case .cut: "it ends within a value"
    case .reserved(let byte): "the byte 0x\(String(byte, radix: 16)) stands for no value"
    case .longSimpleValue: "a simple value below 32 in two bytes"
    case .foreignPiece: "a piece of another type within a text or bytes"
    case .strayEnd: "a break where no array or map may end"
    case .tooDeep: "values nested deeper than \(DataLimits.mostDepth)"
    }
  }
}

/// Limits of reading values.
public enum DataLimits {
  /// How deep arrays, maps and tags are read.
  public static let mostDepth = 512
}

/// Reads items, one behind the other.
public protocol DataReader {
  /// A reader that begins at `position`.
  init(from position: Int)
  /// Where the next item begins.
  var position: Int { get }
  /// Why there is no next item; nil as long as there is one.
  var fault: DataFault? { get }
  /// The next item of `bytes`; nil if there is none, which is `cut` at their end.
  mutating func next(_ bytes: RawSpan) -> DataItem?
}

/// Reads one value with all that is in it, item by item, without recursion.
public struct DataWalker<Reader: DataReader> {
  /// What is next.
  public enum Step: Equatable, Sendable {
    /// An item; what it holds follows, and then `closed`. `isKey`: it is a key of a map.
    case item(DataItem, isKey: Bool)
    /// The array, map or tag that began last is over.
    case closed
  }

  private struct Frame {
    var isMap: Bool
    var total: UInt64?
    var taken: UInt64 = 0
  }

  private var reader: Reader
  private var frames: [Frame] = []
  /// Whether the value is complete.
  public private(set) var isDone = false
  /// Why it is not, and never will be.
  public private(set) var fault: DataFault?
  /// Where the item begins that was given last.
  public private(set) var start: Int

  /// Walks through the value that begins at `position`.
  public init(from position: Int) {
    reader = Reader(from: position)
    start = position
  }

  /// Where the item ends that was given last.
  public var position: Int { reader.position }

  /// How many arrays, maps and tags are open.
  public var depth: Int { frames.count }

  /// What is next in `bytes`; nil if the value is complete, or has a fault.
  public mutating func next(_ bytes: RawSpan) -> Step? {
    guard !isDone, fault == nil else { return nil }
    if let last = frames.last, last.total == last.taken { return close() }
    start = reader.position
    guard let item = reader.next(bytes) else {
      fault = reader.fault ?? .cut
      return nil
    }
    if item == .end { return takeEnd() }
    var isKey = false
    if let last = frames.indices.last {
      isKey = frames[last].isMap && frames[last].taken % 2 == 0
      frames[last].taken += 1
    }
    switch item {
    case .array(let count): open(Frame(isMap: false, total: count))
    // No more than 2^63 pairs fit anywhere.
    case .map(let count): open(Frame(isMap: true, total: count.map { min($0, UInt64.max / 2) * 2 }))
    case .tag: open(Frame(isMap: false, total: 1))
    default: isDone = frames.isEmpty
    }
    return fault == nil ? .item(item, isKey: isKey) : nil
  }

  /// Passes over what is in the array, map or tag that was given last.
  public mutating func skip(_ bytes: RawSpan) {
    let outer = frames.count - 1
    while frames.count > outer, next(bytes) != nil {}
  }

  private mutating func open(_ frame: Frame) {
    guard frames.count < DataLimits.mostDepth else {
      fault = .tooDeep
      return
    }
    frames.append(frame)
  }

  private mutating func takeEnd() -> Step? {
    guard let last = frames.last, last.total == nil, !last.isMap || last.taken % 2 == 0 else {
      fault = .strayEnd
      return nil
    }
    return close()
  }

  private mutating func close() -> Step {
    frames.removeLast()
    isDone = frames.isEmpty
    return .closed
  }
}

extension DataReader {
  /// Where the value ends that begins at `position`, with all that is in it; nil if it has a fault or is not complete.
  public static func end(of bytes: RawSpan, from position: Int) -> Int? {
    var walker = DataWalker<Self>(from: position)
    while walker.next(bytes) != nil {}
    return walker.isDone ? walker.position : nil
  }

  /// Where the elements stand of the array that begins at `position`: the first `most` of them that are complete, and where it ends,
  /// nil if it has a fault or is not complete. Nil if there is no array.
  public static func elements(
    of bytes: RawSpan, from position: Int = 0, most: Int = 16
  ) -> (ranges: [Range<Int>], end: Int?)? {
    var walker = DataWalker<Self>(from: position)
    guard case .item(.array, _)? = walker.next(bytes) else { return nil }
    var ranges: [Range<Int>] = []
    while let step = walker.next(bytes) {
      guard case .item(let item, _) = step else { break }
      let start = walker.start
      if item.holdsOthers {
        walker.skip(bytes)
        guard walker.fault == nil else { break }
      }
      if ranges.count < most { ranges.append(start..<walker.position) }
    }
    return (ranges, walker.isDone ? walker.position : nil)
  }

  /// Where the value stands that the map beginning at `position` has for the text `key`; nil without one.
  public static func value(_ key: StaticString, of bytes: RawSpan, from position: Int) -> Range<Int>? {
    var walker = DataWalker<Self>(from: position)
    guard case .item(.map, _)? = walker.next(bytes) else { return nil }
    var isWanted = false
    while case .item(let item, let isKey)? = walker.next(bytes) {
      let start = walker.start
      if item.holdsOthers {
        walker.skip(bytes)
        guard walker.fault == nil else { return nil }
      }
      if isKey {
        if case .text(let range) = item { isWanted = bytes.holds(key, range) } else { isWanted = false }
      } else if isWanted {
        return start..<walker.position
      }
    }
    return nil
  }

  /// The item that begins at `position`; nil if there is none.
  public static func item(_ bytes: RawSpan, at position: Int) -> DataItem? {
    var reader = Self(from: position)
    return reader.next(bytes)
  }
}

extension DataItem {
  /// Whether other items follow that belong to it.
  public var holdsOthers: Bool {
    switch self {
    case .array, .map, .tag: true
    default: false
    }
  }
}
