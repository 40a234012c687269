/// Bytes of a window, as far as they are known, whose distances to each other are known.
struct Stretch {
  /// What is known of bytes that stand next to each other.
  enum Knowledge: Equatable {
    case known
    case inferred
    case unknown
  }

  /// The bytes, oldest first.
  var bytes: [WindowByte]
  /// Index of the first byte behind the last loss; below 0 if that was forgotten. What stands before it was put there by
  /// inference. Offsets of bytes that are not known count from here.
  var origin = 0
  /// How many bytes at least stand between its end and the end of the last loss.
  var leastDistance = 0
  /// What stands in it again; made when it is needed.
  var recurrence: Recurrence?

  init(_ bytes: [WindowByte] = []) { self.bytes = bytes }

  /// What a copy of the byte at `index`, before `origin`, is.
  func copy(from index: Int) -> WindowByte {
    if index >= 0, bytes[index].isThere || bytes[index].offset != nil || index >= origin { return bytes[index] }
    return .copy(from: origin - index)
  }

  /// Appends a copy of the `length` bytes from `start` on, which may overlap it. The index behind the last of the new bytes
  /// that is not known for sure; nil if all are.
  mutating func appendCopy(from start: Int, _ length: Int) -> Int? {
    var doubt: Int?
    for source in start..<start + length {
      let byte = source < origin || source < 0 ? copy(from: source) : bytes[source]
      bytes.append(byte)
      if !byte.isKnown { doubt = bytes.count }
    }
    return doubt
  }

  /// Puts the bytes from `start` on that are of one kind into `found`, which is emptied, and says of which, and where they
  /// end. Unknown ones are only counted.
  func run(from start: Int, into found: inout [UInt8]) -> (knowledge: Knowledge, end: Int) {
    found.removeAll(keepingCapacity: true)
    let first = bytes[start]
    var end = start
    while end < bytes.count, bytes[end].isThere == first.isThere, !first.isThere || bytes[end].isKnown == first.isKnown
    {
      end += 1
    }
    if first.isThere { for i in start..<end { found.append(bytes[i].byte) } }
    return (first.isKnown ? .known : first.isThere ? .inferred : .unknown, end)
  }

  /// Forgets the first `count` bytes.
  mutating func forget(_ count: Int) {
    bytes.removeFirst(count)
    origin -= count
  }

  /// This stretch with an older one in its place, `distance` bytes before the origin, and what follows from it; nil if the
  /// two contradict each other.
  func joined(_ older: Stretch, at distance: Int) -> Stretch? {
    var joined = self
    let wanted = origin - distance - older.bytes.count
    let missing = max(-wanted, 0)
    let room = max(ContextRecovery.windowSize - (bytes.count - origin), 0)
    // What nothing can refer to is left out.
    let added = min(missing, max(room - origin, 0))
    joined.bytes.insert(contentsOf: repeatElement(.lost, count: added), at: 0)
    joined.origin += added
    let start = joined.origin - distance - older.bytes.count
    let oldOrigin = start + older.origin
    for i in older.bytes.indices where start + i >= 0 {
      let byte = older.bytes[i]
      let here = joined.bytes[start + i]
      if here.isThere {
        if byte.isThere, byte.byte != here.byte { return nil }
      } else if byte.isThere {
        joined.bytes[start + i] = byte.inferred
      } else if let offset = byte.offset {
        let total = joined.origin - (oldOrigin - offset)
        if total > 0, total <= ContextRecovery.windowSize { joined.bytes[start + i] = .copy(from: total) }
      }
    }
    joined.resolve()
    return joined
  }

  /// Makes what was inferred unknown for good.
  mutating func withdraw() {
    for i in bytes.indices where bytes[i].isThere && !bytes[i].isKnown { bytes[i] = .lost }
    recurrence = nil
  }

  /// Fills in the copies of what is there.
  private mutating func resolve() {
    for i in bytes.indices {
      guard let offset = bytes[i].offset, origin - offset >= 0, origin - offset < i else { continue }
      let source = bytes[origin - offset]
      if source.isThere || source.offset != nil { bytes[i] = source.inferred }
    }
  }
}
