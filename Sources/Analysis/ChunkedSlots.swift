/// `Slots` in chunks of 64 values that never move: growing copies nothing, and a chunk without values gives its memory back, but
/// for one of them. An access costs a little more.
struct ChunkedSlots<Value> {
  /// The values; those at places that are not in use hold no memory. A chunk that has given its memory back is empty.
  private var chunks: [[Value]] = []
  private var places = Places()
  /// A chunk without values that has kept its memory; -1 if there is none.
  private var spare = -1
  private let nothing: () -> Value

  /// - Parameter nothing: makes a value that holds no memory, for places that are free.
  init(nothing: @escaping () -> Value) { self.nothing = nothing }

  /// How many values there are.
  var count: Int { places.count }

  /// The indices in use, ascending.
  var indices: [Int] { places.indices }

  func isInUse(_ index: Int) -> Bool { places.isInUse(index) }

  /// The next index in use behind `index`, going round; nil if there is none.
  func next(after index: Int) -> Int? { places.next(after: index) }

  /// Stores `value` and gives its index.
  mutating func insert(_ value: consuming Value) -> Int {
    let index = places.take()
    let (chunk, place) = (index >> 6, index & 63)
    if chunk == chunks.count { chunks.append([]) }
    if chunk == spare { spare = -1 }
    if chunks[chunk].isEmpty { chunks[chunk].reserveCapacity(64) }
    if place < chunks[chunk].count { chunks[chunk][place] = value } else { chunks[chunk].append(value) }
    return index
  }

  /// Forgets the value at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    self[index] = nothing()
    places.free(index)
    let chunk = index >> 6
    guard !places.isInUse(chunk: chunk) else { return }
    if spare < 0 { spare = chunk } else { chunks[chunk] = [] }
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
