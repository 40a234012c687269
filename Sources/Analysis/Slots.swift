/// A value that can stand at a place that is free.
protocol Vacatable {
  /// Forgets what is to be forgotten, and holds no memory any more.
  mutating func vacate()
}

/// Values in contiguous memory, found by index; places of removed ones are used again.
struct Slots<Value: Vacatable>: ~Copyable {
  /// The values: those up to `end` are there, at places that are not in use vacated.
  private var values = UnsafeMutablePointer<Value>.allocate(capacity: 16)
  private var capacity = 16
  private var end = 0
  private var places = Places()
  private let most: Int

  /// Values from which on room is made for all that there may be.
  private static var many: Int { 4096 }

  /// - Parameter most: values that there may be. Once there are many, room is made for so many, so that nothing is copied any
  ///   more and memory never holds them twice; what is not used of it takes addresses, not memory.
  init(most: Int = 0) { self.most = most }

  deinit {
    values.deinitialize(count: end)
    values.deallocate()
  }

  /// How many values there are.
  var count: Int { places.count }

  /// The indices in use, ascending.
  var indices: [Int] { places.indices }

  func isInUse(_ index: Int) -> Bool { places.isInUse(index) }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: consuming Value) -> Int {
    let index = places.take()
    if index < end {
      values[index] = value
    } else {
      if index == capacity { grow() }
      (values + index).initialize(to: value)
      end += 1
    }
    return index
  }

  private mutating func grow() {
    capacity = capacity == Self.many ? max(most, 2 * capacity) : 2 * capacity
    let larger = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    larger.moveInitialize(from: values, count: end)
    values.deallocate()
    values = larger
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    self[index].vacate()
    places.free(index)
  }

  /// What `body` says of the value at `index`, which is not copied: where a property of it is asked for by the subscript, all
  /// of it may be.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout Value) -> Result) -> Result { body(&self[index]) }

  /// The value at `index`; a vacated one where it is not in use any more.
  subscript(index: Int) -> Value {
    @inline(__always) _read {
      precondition(index >= 0 && index < end)
      yield values[index]
    }
    @inline(__always) _modify {
      precondition(index >= 0 && index < end)
      yield &values[index]
    }
  }
}
