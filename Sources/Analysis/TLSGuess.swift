import Bytes

/// Tells a stream of TLS records (RFC 8446 §5.1) by a row of record headers that land on each other, so that nothing is
/// looked for in what is encrypted.
struct TLSGuess {
  /// Bytes until the next header; nil while none was found, or after one that was none.
  private var left: Int?
  private var count = 0

  /// How many headers were found in a row, if the last record ends where the bytes do; else 0.
  var wholeRecords: Int { left == 0 ? count : 0 }

  /// Whether three headers were found in a row.
  var isSure: Bool { count >= 3 }

  /// The next piece of the stream.
  mutating func take(_ bytes: RawSpan) {
    var position = 0
    while position < bytes.byteCount, !isSure {
      if let left, left > 0 {
        let step = min(left, bytes.byteCount - position)
        position += step
        self.left = left - step
        continue
      }
      // Records begin where pieces do, at first; a header that is split is let pass.
      guard left != nil || position == 0 else { return }
      guard bytes.byteCount - position >= 5 else {
        left = nil
        return
      }
      let length = Int(bytes.u16(position + 3))
      guard (20...24).contains(bytes.u8(position)), bytes.u8(position + 1) == 3, bytes.u8(position + 2) <= 4,
        length > 0, length <= 16_384 + 2048
      else {
        left = nil
        count = 0
        return
      }
      count += 1
      left = length
      position += 5
    }
  }
}
