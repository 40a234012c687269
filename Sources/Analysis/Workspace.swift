import Bytes
import WebSocket

/// Buffers that all connections share, as each needs them for one piece of bytes only.
struct Workspace {
  /// What inflating yields.
  var inflate = InflateBuffer()
  private var payload: [UInt8] = []

  /// `bytes` unmasked, in an array that `reuse` gives back.
  mutating func unmask(_ bytes: RawSpan, _ key: UInt32, phase: UInt64 = 0) -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &payload)
    array.removeAll(keepingCapacity: true)
    array.append(bytes)
    array.applyMask(from: 0, key: key, phase: phase)
    return array
  }

  mutating func reuse(_ array: consuming [UInt8]) { payload = array }
}
