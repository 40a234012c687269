/// A key of a `ProbingTable`.
@usableFromInline
protocol ProbingKey: Equatable {
  /// A hash that a sender of hostile packets cannot predict, given a `seed` that it does not know.
  func hash(seed: UInt64) -> UInt64
  /// Any key, for places that are free.
  static var nothing: Self { get }
}

/// Numbers stored for keys: open addressing with linear probing, so that a look-up touches one or two cache lines.
@usableFromInline
struct ProbingTable<Key: ProbingKey & Sendable>: Sendable {
  /// A place in the table. `value` is negative where it is free.
  @usableFromInline
  struct Place: Sendable {
    @usableFromInline var key: Key
    @usableFromInline var value: Int32
  }

  @usableFromInline var places: [Place]
  @usableFromInline let seed: UInt64
  /// How many keys are stored.
  private(set) var count = 0

  /// An empty table. The seed is random, so that nobody can prepare packets whose keys collide.
  init() {
    seed = .random(in: 1 ... .max)
    places = Self.free(64)
  }

  private static func free(_ capacity: Int) -> [Place] {
    Array(repeating: Place(key: .nothing, value: -1), count: capacity)
  }

  /// The number stored for `key`; nil if there is none.
  @inlinable @inline(__always)
  func find(_ key: Key) -> Int? {
    let mask = places.count &- 1
    var i = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
    while places[i].value >= 0 {
      if places[i].key == key { return Int(places[i].value) }
      i = (i &+ 1) & mask
    }
    return nil
  }

  /// Stores `value` (0 to 2^31-1) for `key`, which has none yet.
  mutating func insert(_ key: Key, _ value: Int) {
    if (count + 1) * 4 > places.count { grow() }
    put(Place(key: key, value: Int32(truncatingIfNeeded: value)))
    count += 1
  }

  /// Stores `value` (0 to 2^31-1) for `key` in place of what is stored for it.
  mutating func replace(_ key: Key, _ value: Int) {
    var i = Int(truncatingIfNeeded: key.hash(seed: seed)) & (places.count - 1)
    while places[i].value >= 0 {
      if places[i].key == key {
        places[i].value = Int32(truncatingIfNeeded: value)
        return
      }
      i = (i + 1) & (places.count - 1)
    }
  }

  private mutating func put(_ place: Place) {
    var i = Int(truncatingIfNeeded: place.key.hash(seed: seed)) & (places.count - 1)
    while places[i].value >= 0 { i = (i + 1) & (places.count - 1) }
    places[i] = place
  }

  private mutating func grow() {
    let old = places
    places = Self.free(old.count * 2)
    for place in old where place.value >= 0 { put(place) }
  }

  /// Forgets `key`. What stood behind it moves up, so that no markers of the dead pile up.
  mutating func remove(_ key: Key) {
    let mask = places.count - 1
    var hole = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
    while places[hole].value >= 0, places[hole].key != key { hole = (hole + 1) & mask }
    guard places[hole].value >= 0 else { return }
    places[hole].value = -1
    count -= 1
    var i = (hole + 1) & mask
    while places[i].value >= 0 {
      let home = Int(truncatingIfNeeded: places[i].key.hash(seed: seed)) & mask
      if (i - home) & mask >= (i - hole) & mask {
        places[hole] = places[i]
        places[i].value = -1
        hole = i
      }
      i = (i + 1) & mask
    }
  }
}
