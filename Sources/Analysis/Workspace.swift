import Bytes
import WebSocket

/// Buffers that all connections share, as each needs them for one piece of bytes only.
struct Workspace {
  /// What inflating yields.
  var inflate = InflateBuffer()
  private var payload: [UInt8] = []

  /// An array that begins with `bytes`, unmasked; `reuse` gives it back.
  @inline(__always)
  mutating func unmask(_ bytes: RawSpan, _ key: UInt32, phase: UInt64 = 0) -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &payload)
    array.unmask(bytes, key: key, phase: phase)
    return array
  }

  @inline(__always)
  mutating func reuse(_ array: consuming [UInt8]) { payload = array }
}
