import Bytes

/// Bytes behind a gap in which the next record is looked for that is authentic.
struct RecordSearch {
  /// Bytes of credit at first. 4 MiB: what takes about a millisecond.
  static let firstCredit = 4 << 20
  /// Bytes of credit that every byte of the stream pays for. 64: about 20 ns.
  static let creditPerByte = 64
  static let mostCredit = 256 << 20
  /// How many numbers of records are tried for one, at most.
  static let mostNumbers: UInt64 = 4096
  /// How many KeyUpdates a gap may hold.
  static let mostKeyUpdates = 3
  /// Bytes that are searched, at most, before it is given up.
  static let patience: UInt64 = 4 << 20
  /// Bytes that are kept before the place that is looked at: the block before a record of TLS 1.0.
  static let lead = 16

  private(set) var buffer: [UInt8] = []
  /// Offset in the TCP stream of the first byte of `buffer`.
  private(set) var base: UInt64
  /// The place in `buffer` that is looked at next.
  var place = 0
  /// Bytes that were searched.
  private(set) var searched: UInt64 = 0

  init(base: UInt64) { self.base = base }

  /// Takes all of `bytes` from `position` on.
  mutating func take(_ bytes: RawSpan, _ position: inout Int) {
    if place > 64 << 10 {
      let dropped = place - Self.lead
      buffer.removeFirst(dropped)
      base += UInt64(dropped)
      place -= dropped
    }
    buffer.append(bytes.extracting(position..<bytes.byteCount))
    searched += UInt64(bytes.byteCount - position)
    position = bytes.byteCount
  }

  /// Begins anew behind another gap; bytes up to `base` are searched or missing.
  mutating func restart(at base: UInt64) {
    self.base = base
    buffer = []
    place = 0
  }

  /// What may be the header of a record, at `place` or behind it; nil if there is none, or if the record is not all there.
  mutating func nextHeader() -> RecordHeader? {
    let (header, found) = headerBehindPlace()
    place = found
    return header
  }

  private func headerBehindPlace() -> (RecordHeader?, Int) {
    let bytes = buffer.span.bytes
    var place = place
    while bytes.byteCount - place >= RecordHeader.length {
      if let header = RecordHeader(bytes, at: place), header.count > 0, header.version & 0xFF != 4 {
        return (bytes.byteCount - place - RecordHeader.length >= header.count ? header : nil, place)
      }
      place += 1
    }
    return (nil, place)
  }

  /// What stands from `place` on, where a record was found.
  func rest() -> [UInt8] { Array(buffer[place...]) }
}
