import Analysis
import Capture

/// Blocks of packets in order, some of which wait until it is known whether they are wanted, and so do those behind them.
///
/// An owner is who a packet is of; what becomes of its packets is decided for all of them at once.
struct PacketHold: ~Copyable {
  /// What becomes of a packet.
  enum Fate {
    /// It is wanted.
    case kept
    /// It waits for what is known of this owner.
    case waits(Int)
  }

  /// A packet's block, or any other.
  private struct Item {
    /// Where it begins in `bytes`.
    var start: Int
    var length: Int
    /// Index of its owner, if it waits; or one of those that follow.
    var owner: Int
    /// The time of the packet; nil if it is none.
    var time: Timestamp?
    /// It opened its connection.
    var isPinned = false

    static let kept = -1
    static let dropped = -2
  }

  /// What waits for one decision.
  private struct Owner {
    /// The numbers of its items, in order; those before `first` are gone.
    var items: [UInt64] = []
    var first = 0
    var bytes = 0
    /// How many of them are pinned, and stand first in `items` since.
    var pinned = 0
    /// Packets that were let go.
    var letGo: UInt64 = 0
  }

  private let limits: WritingLimits
  /// Where the next block is to be appended; `add` is told of each.
  var bytes = BlockBuffer(capacity: 1 << 16)
  private var items: [Item] = []
  private var head = 0
  /// The number of the item at `head`.
  private var headNumber: UInt64 = 0
  /// Bytes of items that are gone, before the head or among the others.
  private var dead = 0
  private var deadItems = 0
  /// The latest time of a packet, wanted or not.
  var now = Timestamp(nanoseconds: .min)
  private var owners: [Owner] = []
  private var free: [Int] = []

  /// Owners for which nothing waits any more, as all was given out undecided.
  private var idle: [Int] = []

  /// Packets that were given out though it was not known whether they are wanted.
  private(set) var forced: UInt64 = 0
  /// Packets of owners that were wanted later, which had been let go.
  private(set) var lost: UInt64 = 0

  init(_ limits: WritingLimits = WritingLimits()) { self.limits = limits }

  /// Whether nothing waits.
  var isEmpty: Bool { head == items.count }

  // MARK: Owners

  /// A new owner.
  mutating func makeOwner() -> Int {
    if let index = free.popLast() { return index }
    owners.append(Owner())
    return owners.count - 1
  }

  /// The next owner for which nothing waits any more, since all was given out undecided; it is none from now on.
  mutating func nextIdle() -> Int? {
    while let owner = idle.popLast() {
      guard owners[owner].items.count == owners[owner].first, owners[owner].first > 0 else { continue }
      owners[owner] = Owner()
      free.append(owner)
      return owner
    }
    return nil
  }

  /// Decides what becomes of all that waits for `owner`, which is no owner from now on.
  mutating func decide(_ owner: Int, isWanted: Bool) {
    for number in owners[owner].items[owners[owner].first...] {
      let index = head + Int(number - headNumber)
      if isWanted { items[index].owner = Item.kept } else { drop(index) }
    }
    if isWanted { lost += owners[owner].letGo }
    owners[owner] = Owner()
    free.append(owner)
  }

  /// Lets what waits for `owner` wait for `other`; `owner` is none from now on.
  mutating func merge(_ owner: Int, into other: Int) {
    let moved = owners[owner].items[owners[owner].first...]
    for number in moved { items[head + Int(number - headNumber)].owner = other }
    owners[other].items = (owners[other].items[owners[other].first...] + moved).sorted()
    owners[other].first = 0
    owners[other].bytes += owners[owner].bytes
    owners[other].letGo += owners[owner].letGo
    owners[owner] = Owner()
    free.append(owner)
  }

  // MARK: Packets

  /// The block that was appended to `bytes` at `start` comes behind all others.
  mutating func add(from start: Int, _ fate: Fate, at time: Timestamp?, isPinned: Bool = false) {
    let length = bytes.count - start
    guard length > 0 else { return }
    var item = Item(start: start, length: length, owner: Item.kept, time: time)
    if case .waits(let owner) = fate {
      item.owner = owner
      item.isPinned = isPinned && owners[owner].pinned < limits.pinned
      if item.isPinned { owners[owner].pinned += 1 }
      owners[owner].items.append(headNumber + UInt64(items.count - head))
      owners[owner].bytes += length
    }
    items.append(item)
    if case .waits(let owner) = fate { shorten(owner) }
  }

  /// Lets go of the oldest packets of `owner`, if they are too many.
  private mutating func shorten(_ owner: Int) {
    guard owners[owner].bytes > limits.waitingOfOne else { return }
    var kept: [UInt64] = []
    var index = owners[owner].first
    while owners[owner].bytes > limits.waitingOfOne * 3 / 4, index < owners[owner].items.count {
      let number = owners[owner].items[index]
      let place = head + Int(number - headNumber)
      index += 1
      if items[place].isPinned {
        kept.append(number)
        continue
      }
      drop(place)
      owners[owner].bytes -= items[place].length
      owners[owner].letGo += 1
    }
    owners[owner].items = kept + owners[owner].items[index...]
    owners[owner].first = 0
  }

  /// The owner of what waits longest, and its time; nil if nothing waits at the head.
  var first: (owner: Int, time: Timestamp?)? {
    guard !isEmpty, items[head].owner >= 0 else { return nil }
    return (items[head].owner, items[head].time)
  }

  /// Gives out what does not wait, up to what does; and more, if it is too much.
  mutating func release(into output: PacketOutput) {
    while !isEmpty {
      if items[head].owner >= 0 {
        guard isTooMuch() || isOverdue(items[head]) else { break }
        force(items[head])
      }
      let item = items[head]  // It may have moved.
      if item.owner != Item.dropped {
        output.buffer.append(bytes, item.start..<item.start + item.length)
        output.endBlock(at: item.time)
        dead += item.length
        deadItems += 1
      }
      head += 1
      headNumber += 1
    }
    tidy()
  }

  private func isOverdue(_ item: Item) -> Bool {
    item.time.map { now.since($0) > limits.patience } ?? false
  }

  /// The oldest packet of its owner is given out.
  private mutating func force(_ item: Item) {
    forced += 1
    owners[item.owner].first += 1
    owners[item.owner].bytes -= item.length
    if owners[item.owner].first == owners[item.owner].items.count { idle.append(item.owner) }
  }

  /// Gives out all that is kept; nothing waits any more.
  mutating func releaseAll(into output: PacketOutput) {
    for index in head..<items.count where items[index].owner >= 0 { drop(index) }
    release(into: output)
  }

  // MARK: Room

  private mutating func isTooMuch() -> Bool {
    guard size > limits.waiting else { return false }
    if dead > bytes.count / 4 || deadItems > items.count / 4 { compact() }
    return size > limits.waiting
  }

  /// What it takes, about.
  private var size: Int { bytes.count + items.count * WritingLimits.overhead }

  private mutating func drop(_ index: Int) {
    items[index].owner = Item.dropped
    dead += items[index].length
    deadItems += 1
  }

  private mutating func tidy() {
    if isEmpty {
      bytes.removeAll(keeping: 1 << 20)
      items.removeAll(keepingCapacity: true)
      (head, dead, deadItems) = (0, 0, 0)
    } else if dead > max(1 << 16, bytes.count / 2) || deadItems > max(1 << 10, items.count / 2) {
      compact()
    }
  }

  /// Forgets what is gone.
  private mutating func compact() {
    var kept: [Item] = []
    kept.reserveCapacity(items.count - deadItems)
    var numbers: [UInt64] = []
    numbers.reserveCapacity(items.count - head)
    var end = 0
    for var item in items[head...] {
      numbers.append(headNumber + UInt64(kept.count))
      if item.owner == Item.dropped { continue }
      bytes.move(item.start..<item.start + item.length, to: end)
      item.start = end
      end += item.length
      kept.append(item)
    }
    bytes.truncate(to: end)
    for owner in owners.indices where owners[owner].first < owners[owner].items.count {
      owners[owner].items = owners[owner].items[owners[owner].first...].map { numbers[Int($0 - headNumber)] }
      owners[owner].first = 0
    }
    items = kept
    (head, dead, deadItems) = (0, 0, 0)
  }
}
