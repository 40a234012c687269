/// Values in chunks of 64 that never move, found by index: growing copies nothing, and a chunk without values gives its memory
/// back, but for one of them.
struct ChunkedSlots<Value>: ~Copyable {
  /// The chunks; one that has given its memory back is nil. Values are there at places in use only.
  private var chunks: [UnsafeMutablePointer<Value>?] = []
  private var places = Places()
  /// A chunk without values that has kept its memory; -1 if there is none.
  private var spare = -1

  deinit {
    for index in places.indices { place(index).deinitialize(count: 1) }
    for case let chunk? in chunks { chunk.deallocate() }
  }

  /// How many values there are.
  var count: Int { places.count }

  /// The indices in use, ascending.
  var indices: [Int] { places.indices }

  func isInUse(_ index: Int) -> Bool { places.isInUse(index) }

  /// The next index in use behind `index`, going round; nil if there is none.
  func next(after index: Int) -> Int? { places.next(after: index) }

  /// Stores `value` and gives its index.
  @inline(__always)
  mutating func insert(_ value: consuming Value) -> Int {
    let index = makePlace()
    place(index).initialize(to: value)
    return index
  }

  private mutating func makePlace() -> Int {
    let index = places.take()
    let chunk = index >> 6
    if chunk == chunks.count { chunks.append(nil) }
    if chunk == spare { spare = -1 }
    if chunks[chunk] == nil { chunks[chunk] = .allocate(capacity: 64) }
    return index
  }

  /// Forgets the value at `index`, which must be in use, and what it holds.
  mutating func remove(_ index: Int) {
    place(index).deinitialize(count: 1)
    places.free(index)
    let chunk = index >> 6
    guard !places.isInUse(chunk: chunk) else { return }
    if spare < 0 {
      spare = chunk
    } else {
      chunks[chunk]?.deallocate()
      chunks[chunk] = nil
    }
  }

  @inline(__always)
  private func place(_ index: Int) -> UnsafeMutablePointer<Value> {
    guard let chunk = chunks[index >> 6] else { preconditionFailure("the place is in use") }
    assert(places.isInUse(index))
    return chunk + (index & 63)
  }

  /// What `body` says of the value at `index`, which is not copied: where a property of it is asked for by the subscript, all
  /// of it may be.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout Value) -> Result) -> Result { body(&place(index).pointee) }

  /// The value at `index`, which must be in use.
  subscript(index: Int) -> Value {
    @inline(__always) _read { yield place(index).pointee }
    @inline(__always) _modify { yield &place(index).pointee }
  }
}
