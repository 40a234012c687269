/// Values in a contiguous array, found by index; places of removed ones are used again.
struct Slots<Value> {
  private var values: [Value] = []
  private var isUsed: [Bool] = []
  private var free: [Int] = []
  private let nothing: () -> Value

  /// - Parameter nothing: makes a value that holds no memory, for places that are free.
  init(nothing: @escaping () -> Value) { self.nothing = nothing }

  var count: Int { values.count - free.count }

  /// The indices in use, ascending.
  var indices: [Int] { values.indices.filter { isUsed[$0] } }

  func isInUse(_ index: Int) -> Bool { isUsed.indices.contains(index) && isUsed[index] }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: consuming Value) -> Int {
    if let index = free.popLast() {
      values[index] = value
      isUsed[index] = true
      return index
    }
    values.append(value)
    isUsed.append(true)
    return values.count - 1
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    values[index] = nothing()
    isUsed[index] = false
    free.append(index)
  }

  /// What `body` says of the value at `index`, which is not copied: where a property of it is asked for by the subscript, all
  /// of it may be.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout Value) -> Result) -> Result { body(&values[index]) }

  /// The value at `index`, which must be in use.
  subscript(index: Int) -> Value {
    @inline(__always) _read { yield values[index] }
    @inline(__always) _modify { yield &values[index] }
  }
}
