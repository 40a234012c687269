import WebSocket

/// The open WebSocket connections, found by index. Those that spoke last are awake; of the others, most take little room.
struct Sessions: ~Copyable {
  /// Sessions that are kept awake. A capture rarely has more that are not idle.
  static let mostAwake = 4096
  /// Awake sessions that are looked at for one to rest, each time that one is too many.
  private static let effort = 4

  /// A session that is awake. (Not private: the compiler does not bear that in a generic type that is not copyable.)
  struct Awake {
    /// Its index in `places`.
    let id: Int32
    var session: WebSocketSession
  }

  /// Where each stands: its index in `awake`, or the complement of that in `resting`.
  private var places = ChunkedSlots<Int32>()
  private var awake = ChunkedSlots<Awake>()
  private var resting = ChunkedSlots<RestingSession>()
  /// Where the next one to rest is looked for. It goes round.
  private var hand = 0
  private let limits: MessageLimits
  private let most: Int

  /// - Parameters:
  ///   - limits: those of all of them.
  ///   - most: how many stay awake.
  init(_ limits: MessageLimits, mostAwake most: Int = Self.mostAwake) {
    self.limits = limits
    self.most = most
  }

  /// How many are awake, and how many rest.
  var counts: (awake: Int, resting: Int) { (awake.count, resting.count) }

  /// How many there are.
  var count: Int { places.count }

  /// Begins the session of a connection and gives its index.
  mutating func begin(_ record: ConnectionRecord) -> Int {
    makeRoom()
    let id = places.insert(0)
    let place = awake.insert(
      Awake(id: Int32(truncatingIfNeeded: id), session: WebSocketSession(record, limits: limits)))
    places[id] = Int32(truncatingIfNeeded: place)
    return id
  }

  /// Forgets the session at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    let place = Int(places[index])
    if place >= 0 { awake.remove(place) } else { resting.remove(~place) }
    places.remove(index)
  }

  /// What `body` says of the session at `index`, which is not copied.
  @inline(__always)
  mutating func inPlace<Result>(_ index: Int, _ body: (inout WebSocketSession) -> Result) -> Result {
    awake.inPlace(wake(index)) { body(&$0.session) }
  }

  /// The session at `index`, which must be in use. It is awake from here on, until others have spoken since.
  subscript(index: Int) -> WebSocketSession {
    @inline(__always) mutating _read { yield awake[wake(index)].session }
    @inline(__always) _modify { yield &awake[wake(index)].session }
  }

  @inline(__always)
  private mutating func wake(_ index: Int) -> Int {
    let place = Int(places[index])
    return place >= 0 ? place : rouse(index, ~place)
  }

  @inline(never)
  private mutating func rouse(_ index: Int, _ rest: Int) -> Int {
    makeRoom()
    let place = awake.insert(Awake(id: Int32(truncatingIfNeeded: index), session: resting[rest].session(limits)))
    resting.remove(rest)
    places[index] = Int32(truncatingIfNeeded: place)
    return place
  }

  /// Lets one rest if as many are awake as may be.
  private mutating func makeRoom() {
    guard awake.count >= most else { return }
    for _ in 0..<Self.effort {
      guard let next = awake.next(after: hand) else { return }
      hand = next
      guard let rest = RestingSession(awake[hand].session) else { continue }
      let id = Int(awake[hand].id)
      places[id] = Int32(truncatingIfNeeded: ~resting.insert(rest))
      awake.remove(hand)
      if awake.count < most { return }
    }
  }
}
