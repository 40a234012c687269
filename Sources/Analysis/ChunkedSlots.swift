/// `Slots` in chunks of 64 values that never move, for large values: growing copies nothing, and takes no more memory than
/// what is added. An access costs a little more.
struct ChunkedSlots<Value> {
  private var chunks: [[Value]] = []
  /// Places that there are, in use or free.
  private var total = 0
  private var free: [Int] = []
  private let nothing: () -> Value

  /// - Parameter nothing: makes a value that holds no memory, for places that are free.
  init(nothing: @escaping () -> Value) { self.nothing = nothing }

  var count: Int { total - free.count }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: consuming Value) -> Int {
    if let index = free.popLast() {
      self[index] = value
      return index
    }
    if total & 63 == 0 {
      chunks.append([])
      chunks[chunks.count - 1].reserveCapacity(64)
    }
    chunks[chunks.count - 1].append(value)
    total += 1
    return total - 1
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    self[index] = nothing()
    free.append(index)
  }

  /// What `body` says of the value at `index`, which is not copied: where a property of it is asked for by the subscript, all
  /// of it may be.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout Value) -> Result) -> Result {
    body(&chunks[index >> 6][index & 63])
  }

  /// The value at `index`, which must be in use.
  subscript(index: Int) -> Value {
    @inline(__always) _read { yield chunks[index >> 6][index & 63] }
    @inline(__always) _modify { yield &chunks[index >> 6][index & 63] }
  }
}
