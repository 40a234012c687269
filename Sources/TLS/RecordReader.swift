import Bytes

/// Divides a stream into records (RFC 8446 §5.1).
struct RecordReader {
  /// Where it stands.
  enum State: Equatable {
    /// Before or inside a header.
    case header
    /// Before or inside the bytes behind a header.
    case body(RecordHeader)
    /// So many bytes of a record are passed over.
    case passing(Int)
    /// Before bytes that are no record.
    case lost
  }

  /// Where the bytes of a record are.
  enum Fragment: Equatable {
    /// In the bytes shown.
    case shown(Range<Int>)
    /// In `kept`.
    case kept
  }

  private(set) var state = State.header
  /// The bytes of a header, or of a record, that lies in several pieces.
  private(set) var kept: [UInt8] = []

  /// Bytes of the record in progress that were taken, header included.
  var taken: Int {
    switch state {
    case .header, .lost: kept.count
    case .body: RecordHeader.length + kept.count
    case .passing: 0
    }
  }

  /// Takes a header; false if it is not all there, or if there is none.
  mutating func takeHeader(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    if kept.isEmpty, bytes.byteCount - position >= RecordHeader.length {
      judge(RecordHeader(bytes, at: position))
      if state != .lost { position += RecordHeader.length }
      return state != .lost
    }
    let step = min(RecordHeader.length - kept.count, bytes.byteCount - position)
    kept.append(bytes.extracting(position..<position + step))
    position += step
    guard kept.count == RecordHeader.length else { return false }
    judge(RecordHeader(kept.span.bytes, at: 0))
    guard state != .lost else { return false }  // what was taken of a header that is none is searched
    kept.removeAll(keepingCapacity: true)
    return true
  }

  private mutating func judge(_ header: RecordHeader?) {
    state = header.map { .body($0) } ?? .lost
  }

  /// Takes the bytes behind `header`; nil if they are not all there.
  mutating func takeBody(
    _ header: RecordHeader, _ bytes: RawSpan, _ position: inout Int, _ buffers: inout TLSBuffers
  ) -> Fragment? {
    if kept.isEmpty, bytes.byteCount - position >= header.count {
      defer { position += header.count }
      state = .header
      return .shown(position..<position + header.count)
    }
    if kept.capacity < header.count { kept = buffers.take(kept) }
    let step = min(header.count - kept.count, bytes.byteCount - position)
    kept.append(bytes.extracting(position..<position + step))
    position += step
    guard kept.count == header.count else { return nil }
    state = .header
    return .kept
  }

  /// Hands over the bytes of a record that lay in several pieces.
  mutating func takeKept() -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &kept)
    return array
  }

  /// Passes over the rest of the record in progress, of which `missing` bytes are missing next. False if there is none, or
  /// if more are missing than it has.
  mutating func damage(missing: UInt64) -> Bool {
    let left: Int
    switch state {
    case .body(let header): left = header.count - kept.count
    case .passing(let count): left = count
    case .header, .lost: return false
    }
    guard let missing = Int(exactly: missing), missing <= left else { return false }
    kept = []
    state = left == missing ? .header : .passing(left - missing)
    return true
  }

  /// Takes bytes of a record that is passed over; whether it is over.
  mutating func pass(_ count: Int, _ bytes: RawSpan, _ position: inout Int) -> Bool {
    let step = min(count, bytes.byteCount - position)
    position += step
    state = step == count ? .header : .passing(count - step)
    return step == count
  }

  /// Begins anew, before a header.
  mutating func reset() {
    state = .header
    kept = []
  }
}

/// Buffers that all connections share: one is used at a time.
public struct TLSBuffers: Sendable {
  /// What was decrypted: `TLSEvent.data` names ranges of it, which hold until the next call.
  public internal(set) var output: [UInt8] = []
  /// Hands over `output`, to be given back, so that it can be read while all else changes.
  public mutating func takeOutput() -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &output)
    return array
  }

  /// Takes back what `takeOutput` gave.
  public mutating func giveOutput(_ array: consuming [UInt8]) { output = array }

  /// Arrays for records that lie in several pieces.
  private var spare: [[UInt8]] = []
  private static let mostSpare = 64

  /// Without memory so far.
  public init() {}

  /// An array with room for a record, beginning with `start`.
  mutating func take(_ start: [UInt8]) -> [UInt8] {
    var array = spare.popLast() ?? []
    array.reserveCapacity(RecordHeader.longest)
    array.append(contentsOf: start)
    return array
  }

  /// Takes back an array.
  mutating func give(_ array: consuming [UInt8]) {
    guard array.capacity >= RecordHeader.longest, spare.count < Self.mostSpare else { return }
    array.removeAll(keepingCapacity: true)
    spare.append(array)
  }
}
