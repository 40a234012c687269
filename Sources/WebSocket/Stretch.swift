/// Bytes of a window, as far as they are known, whose distances to each other are known.
struct Stretch {
  /// The bytes, oldest first.
  var bytes: [WindowByte]
  /// Index of the first byte behind the last loss; below 0 if that was forgotten. What stands before it was put there by
  /// inference. Offsets of bytes that are not known count from here.
  var origin = 0
  /// How many bytes at least stand between its end and the end of the last loss.
  var leastDistance = 0

  init(_ bytes: [WindowByte] = []) { self.bytes = bytes }

  /// What a copy of the byte at `index`, before `origin`, is.
  func copy(from index: Int) -> WindowByte {
    if index >= 0, bytes[index].isThere || bytes[index].offset != nil || index >= origin { return bytes[index] }
    return .copy(from: origin - index)
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

  /// Fills in the copies of what is there.
  private mutating func resolve() {
    for i in bytes.indices {
      guard let offset = bytes[i].offset, origin - offset >= 0, origin - offset < i else { continue }
      let source = bytes[origin - offset]
      if source.isThere || source.offset != nil { bytes[i] = source.inferred }
    }
  }
}
