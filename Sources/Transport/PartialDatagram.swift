import Bytes
import Capture

/// An IP datagram of which fragments have arrived.
///
/// The first of two copies of a byte wins. The bytes are kept in the order of arrival, with a sorted list of where they
/// belong: a fragment far behind costs no memory for what lies before it, and one in order costs a copy. There are at
/// most 8,192 pieces, so a fragment's place is found and made in bounded time.
struct PartialDatagram: Sendable {
  /// Bytes held: from `offset` to `end` of what the datagram carries, in `data` from `position` on. Pieces do not
  /// overlap.
  private struct Piece {
    var offset: UInt32
    var end: UInt32
    var position: UInt32
    var count: Int { Int(end - offset) }
  }

  /// As in its fragments.
  let identification: UInt32
  /// When the first fragment arrived.
  let started: Timestamp
  /// Tells it from all others.
  let serial: UInt64
  /// False once it is known to carry nothing for us. Then fragments are counted only, to see the last of them.
  private(set) var isWanted = true

  private var header: [UInt8] = []
  private var pieces: [Piece] = []
  private var data: [UInt8] = []
  private var received = 0
  private var length: Int?

  init(identification: UInt32, started: Timestamp, serial: UInt64) {
    self.identification = identification
    self.started = started
    self.serial = serial
  }

  /// What a datagram costs besides its bytes.
  static let overhead = 512

  /// What a fragment adds to `size` at most: it may fill a hole behind every eight of its bytes.
  static func sizeAtMost(header: Int, bytes: Int) -> Int {
    overhead + header + bytes + (bytes / 8 + 1) * MemoryLayout<Piece>.stride
  }

  /// Bytes that it holds, about.
  var size: Int { Self.overhead + header.count + data.count + pieces.count * MemoryLayout<Piece>.stride }

  /// Whether all of it has arrived.
  var isComplete: Bool { length == received }

  /// Takes in the fragment whose bytes are `bytes[range]`. False if it contradicts what is there; what it adds
  /// elsewhere is kept, unless it has the datagram end somewhere else.
  mutating func add(_ fragment: FragmentHeader, _ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    let end = fragment.offset + range.count
    guard isWanted else {
      received += range.count
      if fragment.isLast { length = end }
      return true
    }
    if let length, fragment.isLast ? end != length : end > length { return false }
    if fragment.isLast {
      if let last = pieces.last, last.end > end { return false }
      length = end
    }
    return insert(bytes, range, at: fragment.offset)
  }

  /// Sets the header that the whole datagram gets, with the number of what it carries at `position`; that of the first
  /// fragment with offset 0 stays.
  mutating func setHeader(_ bytes: RawSpan, _ range: Range<Int>, protocolNumber: UInt8, at position: Int) {
    guard isWanted, header.isEmpty, range.count > position else { return }
    header.append(bytes, range)
    header[position] = protocolNumber
  }

  /// Lets go of its bytes: the datagram carries nothing for us.
  mutating func reject() {
    isWanted = false
    (header, pieces, data) = ([], [], [])
  }

  /// The datagram. Precondition: it is complete and wanted.
  func assembled() -> [UInt8] {
    var datagram: [UInt8] = []
    datagram.reserveCapacity(header.count + data.count)
    datagram += header
    for piece in pieces {
      datagram += data[Int(piece.position)..<Int(piece.position) + piece.count]
    }
    // At most 65,535: `PacketCursor.fragment` sees to it.
    let isV6 = header[0] >> 4 == 6
    let lengthField = datagram.count - (isV6 ? 40 : 0)
    datagram[isV6 ? 4 : 2] = UInt8(truncatingIfNeeded: lengthField >> 8)
    datagram[isV6 ? 5 : 3] = UInt8(truncatingIfNeeded: lengthField)
    if !isV6 {
      datagram[6] &= 0x40  // don't fragment
      datagram[7] = 0
    }
    return datagram
  }

  /// Fills the holes from `offset` on with `bytes[range]`, and compares the rest.
  private mutating func insert(_ bytes: RawSpan, _ range: Range<Int>, at offset: Int) -> Bool {
    let end = offset + range.count
    let shift = range.lowerBound - offset
    var isSame = true
    var index = firstPiece(endingAfter: offset)
    var from = offset
    while from < end {
      if index < pieces.count, pieces[index].offset <= from {
        let piece = pieces[index]
        let until = min(end, Int(piece.end))
        let held = Int(piece.position) + from - Int(piece.offset)
        isSame = isSame && data.span.bytes.isSame(at: held, as: bytes, from + shift..<until + shift)
        from = until
      } else {
        let until = index < pieces.count ? min(end, Int(pieces[index].offset)) : end
        addPiece(from..<until, before: &index)
        data.append(bytes, from + shift..<until + shift)
        received += until - from
        from = until
      }
      index += 1
    }
    return isSame
  }

  /// Makes a piece for what comes next in `data`, or lengthens the one before if that ends there in both respects.
  /// Leaves `index` at the piece.
  private mutating func addPiece(_ range: Range<Int>, before index: inout Int) {
    if index > 0 {
      let last = pieces[index - 1]
      if Int(last.end) == range.lowerBound, Int(last.position) + last.count == data.count {
        index -= 1
        pieces[index].end = UInt32(range.upperBound)
        return
      }
    }
    let piece = Piece(
      offset: UInt32(range.lowerBound), end: UInt32(range.upperBound), position: UInt32(data.count))
    pieces.insert(piece, at: index)
  }

  private func firstPiece(endingAfter offset: Int) -> Int {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].end > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension RawSpan {
  /// Whether the bytes at `offset` are `other[range]`.
  fileprivate func isSame(at offset: Int, as other: RawSpan, _ range: Range<Int>) -> Bool {
    var at = 0
    while range.count - at >= 8 {
      if u64(offset + at) != other.u64(range.lowerBound + at) { return false }
      at += 8
    }
    while at < range.count {
      if u8(offset + at) != other.u8(range.lowerBound + at) { return false }
      at += 1
    }
    return true
  }
}

extension [UInt8] {
  /// Appends `bytes[range]`.
  fileprivate mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
    bytes.extracting(range).withUnsafeBytes { append(contentsOf: $0) }
  }
}
