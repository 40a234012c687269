import Bytes
import TLS
import WebSocket

/// Buffers that all connections share, as each needs them for one piece of bytes only.
struct Workspace {
  /// What inflating yields.
  var inflate = InflateBuffer()
  /// What decrypting yields.
  var tls = TLSBuffers()
  private var payload: [UInt8] = []

  /// An array that begins with `bytes`, unmasked; `reuse` gives it back.
  @inline(__always)
  mutating func unmask(_ bytes: RawSpan, _ key: UInt32, phase: UInt64 = 0) -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &payload)
    array.unmask(bytes, key: key, phase: phase)
    return array
  }

  /// Whether `bytes`, unmasked, are UTF-8.
  @inline(never)
  mutating func isUTF8(_ bytes: RawSpan, _ key: UInt32) -> Bool {
    if key == 0 { return UTF8Validator.isValid(bytes) }
    let unmasked = unmask(bytes, key)
    defer { reuse(unmasked) }
    return UTF8Validator.isValid(unmasked.span.bytes.extracting(0..<bytes.byteCount))
  }

  @inline(__always)
  mutating func reuse(_ array: consuming [UInt8]) { payload = array }
}
