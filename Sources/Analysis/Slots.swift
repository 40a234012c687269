/// Values in a contiguous array, found by index; places of removed ones are used again.
struct Slots<Value> {
  private var values: [Value] = []
  private var places = Places()
  private let most: Int
  private let nothing: () -> Value

  /// Values from which on room is made for all that there may be.
  private static var many: Int { 4096 }

  /// - Parameters:
  ///   - most: values that there may be. Once there are many, room is made for so many, so that nothing is copied any more and
  ///     memory never holds them twice; what is not used of it takes addresses, not memory.
  ///   - nothing: makes a value that holds no memory, for places that are free.
  init(most: Int = 0, nothing: @escaping () -> Value) {
    self.most = most
    self.nothing = nothing
  }

  /// How many values there are.
  var count: Int { places.count }

  /// The indices in use, ascending.
  var indices: [Int] { places.indices }

  func isInUse(_ index: Int) -> Bool { places.isInUse(index) }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: consuming Value) -> Int {
    let index = places.take()
    if index < values.count {
      values[index] = value
    } else {
      if index == Self.many { values.reserveCapacity(most) }
      values.append(value)
    }
    return index
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    values[index] = nothing()
    places.free(index)
  }

  /// What `body` says of the value at `index`, which is not copied: where a property of it is asked for by the subscript, all
  /// of it may be.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout Value) -> Result) -> Result { body(&values[index]) }

  /// The value at `index`; `nothing` where it is not in use any more.
  subscript(index: Int) -> Value {
    @inline(__always) _read { yield values[index] }
    @inline(__always) _modify { yield &values[index] }
  }
}
