/// What the views of all connections share: a count of what they hold for messages to come, which is limited.
public final class ViewMemory {
  /// Bytes that one view may hold for one unit that is not complete: 1 MiB.
  public static let mostOfUnit = 1 << 20
  /// Bytes that all views together may hold: 64 MiB.
  public static let most = 64 << 20

  /// Requests that may wait for their replies, of all connections: 400,000.
  public static let mostRequests = 400_000

  /// Whether JSON of which no more is known has a view (`ViewOptions.namesPlainJSON`).
  var namesPlainJSON = true

  /// Bytes that are held.
  public private(set) var held = 0
  /// Requests that wait for their replies.
  public private(set) var requests = 0

  /// The views of `PayloadViews.kinds`, which keep nothing from message to message.
  private(set) lazy var kinds = PayloadViews.kinds.map { ReadyView($0, ViewContext()) }

  /// Nothing is held.
  public init() {}

  /// Whether so many bytes more may be held; they count if so.
  public func take(_ bytes: Int) -> Bool {
    guard held + bytes <= Self.most else { return false }
    held += bytes
    return true
  }

  /// So many bytes are held no more.
  public func give(back bytes: Int) { held -= bytes }

  /// Whether one more request may wait; it counts if so.
  func takeRequest() -> Bool {
    guard requests < Self.mostRequests else { return false }
    requests += 1
    return true
  }

  /// So many requests wait no more.
  func giveBack(requests count: Int) { requests -= count }
}

/// The beginning of a unit of which more is to come in later messages. Its bytes count in a `ViewMemory`.
public struct HeldUnit: ~Copyable {
  /// Its bytes so far.
  public private(set) var bytes: [UInt8] = []
  /// Number of the message in which it begins; 0 if there is none.
  public private(set) var message: UInt64 = 0
  private let memory: ViewMemory

  /// Nothing is held.
  public init(_ memory: ViewMemory) { self.memory = memory }

  deinit { memory.give(back: bytes.count) }

  /// Whether nothing is held.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Adds the bytes in `range` of `content`, which came in message `number`. False, and all is forgotten, if that is more than may be
  /// held.
  public mutating func append(_ content: RawSpan, _ range: Range<Int>, from number: UInt64) -> Bool {
    guard bytes.count + range.count <= ViewMemory.mostOfUnit, memory.take(range.count) else {
      removeAll()
      return false
    }
    if bytes.isEmpty { message = number }
    content.extracting(range).withUnsafeBytes { bytes.append(contentsOf: $0) }
    return true
  }

  /// Forgets the first `count` bytes; what is left came in message `number`.
  public mutating func removeFirst(_ count: Int, restFrom number: UInt64) {
    let count = min(count, bytes.count)
    memory.give(back: count)
    bytes.removeFirst(count)
    message = bytes.isEmpty ? 0 : number
  }

  /// Forgets all but the first `count` bytes.
  public mutating func keepFirst(_ count: Int) {
    let surplus = max(bytes.count - count, 0)
    memory.give(back: surplus)
    bytes.removeLast(surplus)
  }

  /// Forgets all.
  public mutating func removeAll() {
    memory.give(back: bytes.count)
    bytes = []
    message = 0
  }
}
