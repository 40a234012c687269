/// Values in a contiguous array, found by index; places of removed ones are used again.
struct Slots<Value> {
  private var values: [Value?] = []
  private var free: [Int] = []

  var count: Int { values.count - free.count }

  /// The indices in use, ascending.
  var indices: [Int] { values.indices.filter { values[$0] != nil } }

  func isInUse(_ index: Int) -> Bool { values.indices.contains(index) && values[index] != nil }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: Value) -> Int {
    if let index = free.popLast() {
      values[index] = value
      return index
    }
    values.append(value)
    return values.count - 1
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    values[index] = nil
    free.append(index)
  }

  /// The value at `index`, which must be in use.
  subscript(index: Int) -> Value {
    @inline(__always) _read { yield values[index].unsafelyUnwrapped }
    @inline(__always) _modify { yield &values[index]! }
  }
}
