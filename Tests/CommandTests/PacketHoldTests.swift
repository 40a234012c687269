import Analysis
import Capture
import Foundation
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("Packets that wait")
struct PacketHoldTests {
  /// A hold whose packets are numbers, and what it gives out.
  private struct Rig: ~Copyable {
    var hold: PacketHold
    let output: PacketOutput
    private let path: String
    private var count: UInt32 = 0

    init(_ limits: WritingLimits, in folder: String) throws {
      hold = PacketHold(limits)
      path = folder + "/" + UUID().uuidString
      output = PacketOutput(try OutputFile.open(path, besides: []))
    }

    /// Adds a packet of so many words, each of which is its number; gives that.
    mutating func add(_ fate: PacketHold.Fate, words: Int = 1, isPinned: Bool = false) -> UInt32 {
      count += 1
      let start = hold.bytes.count
      let number = withUnsafeBytes(of: count) { Array($0) }
      for _ in 0..<words { hold.bytes.append(number.span.bytes) }
      hold.add(from: start, fate, at: hold.now, isPinned: isPinned)
      hold.release(into: output)
      return count
    }

    /// The numbers of the packets that were given out, in order.
    mutating func finish() throws -> [UInt32] {
      hold.releaseAll(into: output)
      try output.close()
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      let words = stride(from: 0, to: bytes.count, by: 4).map {
        bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: $0, as: UInt32.self)
      }
      return words.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
  }

  @Test("come out in order, those behind an undecided one after it")
  func order() throws {
    try withTemporaryFolder { folder in
      var rig = try Rig(WritingLimits(), in: folder)
      let (a, b) = (rig.hold.makeOwner(), rig.hold.makeOwner())
      for fate in [.kept, .waits(a), .waits(b), .kept, .waits(a)] as [PacketHold.Fate] { _ = rig.add(fate) }
      #expect(rig.output.packets == 1 && rig.hold.first?.owner == a)
      rig.hold.decide(b, isWanted: false)
      rig.hold.release(into: rig.output)
      #expect(rig.output.packets == 1)
      rig.hold.decide(a, isWanted: true)
      rig.hold.release(into: rig.output)
      #expect(rig.output.packets == 4 && rig.hold.isEmpty)
      #expect(try rig.finish() == [1, 2, 4, 5])
    }
  }

  @Test("of one connection are let go, oldest first, when they are too many; those that opened it are not")
  func ownLimit() throws {
    try withTemporaryFolder { folder in
      var rig = try Rig(WritingLimits(waitingOfOne: 100 * 400, pinned: 2), in: folder)
      let owner = rig.hold.makeOwner()
      for number in 1...1000 { _ = rig.add(.waits(owner), words: 100, isPinned: number <= 3) }
      rig.hold.decide(owner, isWanted: true)
      let numbers = try rig.finish()
      #expect(numbers.prefix(2) == [1, 2] && numbers.count < 103 && numbers.count > 70)
      #expect(Array(numbers.dropFirst(2)) == Array((1001 - UInt32(numbers.count) + 2)...1000))
      #expect(rig.hold.lost == 1000 - UInt64(numbers.count) && rig.hold.forced == 0)
    }
  }

  @Test("are given out rather than lost when all together are too many")
  func totalLimit() throws {
    try withTemporaryFolder { folder in
      var rig = try Rig(WritingLimits(waiting: 10_000), in: folder)
      let idle = rig.hold.makeOwner()
      _ = rig.add(.waits(idle))
      for _ in 2...1000 { _ = rig.add(.kept, words: 10) }
      #expect(rig.hold.forced == 1 && rig.hold.nextIdle() == idle && rig.hold.nextIdle() == nil)
      #expect(try rig.finish() == Array(1...1000))
    }
  }

  @Test("are given out when they have waited for too long, if that matters")
  func patience() throws {
    try withTemporaryFolder { folder in
      var rig = try Rig(WritingLimits(patience: 1_000_000_000), in: folder)
      let owner = rig.hold.makeOwner()
      for second in 0...5 as ClosedRange<Int64> {
        rig.hold.now = Timestamp(nanoseconds: second * 1_000_000_000)
        _ = rig.add(.waits(owner))
      }
      #expect(rig.hold.forced == 4)
      #expect(try rig.finish() == [1, 2, 3, 4])
    }
  }

  @Test("are those that a simple model gives out, whatever happens in whatever order", arguments: [1 << 26, 20_000])
  func model(total: Int) throws {
    var random = SeededGenerator.announced("a hold of \(total) bytes")
    try withTemporaryFolder { folder in
      for _ in 0..<30 {
        var rig = try Rig(WritingLimits(waiting: total), in: folder)
        var waiting: [Int: [UInt32]] = [:]
        var wanted: Set<UInt32> = []
        var unwanted: Set<UInt32> = []
        for _ in 0..<2000 {
          switch Int.random(in: 0..<20, using: &random) {
          case 0..<6: wanted.insert(rig.add(.kept, words: Int.random(in: 1...50, using: &random)))
          case 6: waiting[rig.hold.makeOwner()] = []
          case 7:
            guard let owner = waiting.keys.sorted().randomElement(using: &random) else { continue }
            let isWanted = Bool.random(using: &random)
            let numbers = waiting.removeValue(forKey: owner) ?? []
            if isWanted { wanted.formUnion(numbers) } else { unwanted.formUnion(numbers) }
            rig.hold.decide(owner, isWanted: isWanted)
            rig.hold.release(into: rig.output)
          case 8:
            let owners = waiting.keys.sorted()
            guard owners.count > 1, let from = owners.first, let to = owners.last else { continue }
            waiting[to, default: []] += waiting.removeValue(forKey: from) ?? []
            rig.hold.merge(from, into: to)
          default:
            guard let owner = waiting.keys.sorted().randomElement(using: &random) else { continue }
            waiting[owner]?.append(rig.add(.waits(owner), words: Int.random(in: 1...50, using: &random)))
          }
          while let idle = rig.hold.nextIdle() { unwanted.formUnion(waiting.removeValue(forKey: idle) ?? []) }
        }
        let forced = rig.hold.forced
        let numbers = try rig.finish()
        #expect(numbers == numbers.sorted() && wanted.isSubset(of: numbers))
        let others = numbers.filter { !wanted.contains($0) }
        if total == 1 << 26 { #expect(others.isEmpty && forced == 0) } else { #expect(others.count <= Int(forced)) }
      }
    }
  }
}
