import Bytes
import Testing

@testable import Transport

@Suite("Segments made to hurt")
struct HostileSegmentTests {
  @Test("a hundred thousand one-byte segments in order keep nothing")
  func inOrder() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in 0..<100_000 {
      rig.send(.client, i, "x")
      #expect(rig.connection.heldBytes == 0)
    }
    #expect(rig.pieces[0].count == 100_000)
  }

  @Test("a hundred thousand one-byte segments in reverse order keep no more than the limit, and move little")
  func reversed() {
    var rig = ConnectionRig()
    rig.handshake()
    for i in (0..<100_000).reversed() {
      rig.send(.client, i, "x")
      #expect(rig.connection.heldBytes <= rig.limits.heldSegments + 1)
    }
    rig.finish()
    #expect(rig.firstBreak(.client) == nil)
    let given = rig.pieces[0].reduce(into: 0) { if case .bytes(let bytes, _, _) = $1 { $0 += bytes.count } }
    #expect(given == rig.limits.heldSegments + 1, "the last ones, up to the limit; the rest came too late")
  }

  @Test("a stream that never catches up does not grow its bookkeeping")
  func neverCaughtUp() {
    var held = HeldSegments()
    for i in 0..<UInt64(20_000) {
      _ = held.insert(Self.piece(at: i), [0] as [UInt8])
      guard i > 0 else { continue }
      let first = held.popFirst()
      #expect(first?.offset == i - 1)
      #expect(held.places < 3000)
    }
  }

  @Test("one large segment over thousands of small ones is sorted in at once")
  func overlapping() {
    var held = HeldSegments()
    for i in 0..<4096 { _ = held.insert(Self.piece(at: UInt64(2 * i)), [7] as [UInt8]) }
    _ = held.insert(Self.piece(at: 0), [UInt8](repeating: 7, count: 8192))
    #expect(held.count == 8192)
    #expect(held.bytes == 8192)
    for i in 0..<UInt64(8192) {
      let first = held.popFirst()
      #expect(first?.offset == i)
    }
    #expect(held.isEmpty)
  }

  @Test("the segments that wait stay sorted and apart, whatever comes")
  func sorted() {
    var random = SeededRandom.announced("sorted")
    for _ in 0..<200 {
      var held = HeldSegments()
      var model = [UInt8?](repeating: nil, count: 400)
      for _ in 0..<60 {
        let start = Int.random(in: 0..<300, using: &random)
        let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) }
        let cut = Int.random(in: 0...3, using: &random) == 0 ? Int.random(in: 0...20, using: &random) : 0
        guard bytes.count + cut > 0 else { continue }
        var differs = false
        for (i, byte) in bytes.enumerated() {
          if let known = model[start + i] { differs = differs || known != byte } else { model[start + i] = byte }
        }
        let conflict = held.insert(Self.piece(at: UInt64(start), cut: cut), bytes)
        #expect((conflict != nil) == differs)
      }
      if Bool.random(using: &random) {
        let end = Int.random(in: 0..<400, using: &random)
        _ = held.remove(from: UInt64(end))
        for i in end..<400 { model[i] = nil }
      }
      let origin = Int.random(in: 0..<50, using: &random)
      _ = held.move(to: UInt64(origin))
      Self.expect(held, toHold: Array(model[origin...]))
    }
  }

  @Test("data with an acknowledgment that is older than any window are dropped, as their receiver does (RFC 5961 §5)")
  func oldAcknowledgment() {
    for ack in [-0x4000_0000, -0x1000_0001, -0x1000_0000, -5] {
      var rig = ConnectionRig()
      rig.handshake()
      rig.send(.server, 0, "answer", ack: 0)
      rig.send(.client, 0, "junk", ack: 6 + ack)
      rig.send(.client, 0, "true", ack: 6)
      let isForged = ack < -0x1000_0000
      #expect(rig.heard(.client) == (isForged ? "true" : "junk"), "\(ack)")
      #expect(rig.remarks(.client).first == (isForged ? .discarded(4, .oldAcknowledgment) : .conflict(at: 0, count: 4)))
    }
  }

  @Test(
    "but not those of a sender whose acknowledgments never made sense",
    arguments: [0, 0x6000_0000, 0xF000_0000] as [UInt32])
  func noAcknowledgments(initial: UInt32) {
    var rig = ConnectionRig(initial: [1000, initial])
    for (i, end) in [ConnectionRig.End.client, .server, .client].enumerated() {
      rig.show(
        end, sequence: rig.sequence(end, i < 2 ? -1 : 0), ack: -1 - Int(rig.initial[1 - end.rawValue]),
        flags: i < 2 ? .syn : [], [])
    }
    for i in 0..<10 {
      for end in [ConnectionRig.End.client, .server] {
        rig.show(end, sequence: rig.sequence(end, i), ack: -1 - Int(rig.initial[1 - end.rawValue]), flags: .psh, [0x78])
      }
    }
    rig.finish()
    #expect(rig.heard(.client) == "xxxxxxxxxx" && rig.heard(.server) == "xxxxxxxxxx")
  }

  private static func expect(_ segments: HeldSegments, toHold model: [UInt8?]) {
    var held = segments
    var seen = [UInt8?](repeating: nil, count: model.count)
    var total = 0
    var end: UInt64 = 0
    while let segment = held.popFirst() {
      #expect(segment.offset >= end)
      #expect(segment.bytes.count + segment.cut > 0)
      for (i, byte) in segment.bytes.enumerated() { seen[Int(segment.offset) + i] = byte }
      total += segment.bytes.count
      end = segment.end
    }
    #expect(seen == model)
    #expect(total == segments.bytes)
    #expect(held.bytes == 0)
  }

  private static func piece(at offset: UInt64, cut: Int = 0) -> StoredSegment {
    StoredSegment(
      offset: offset, bytes: [], cut: cut, packet: PacketReference(number: offset + 1, time: .init(nanoseconds: 0)))
  }
}

extension HeldSegments {
  fileprivate mutating func insert(_ piece: StoredSegment, _ payload: [UInt8]) -> Range<UInt64>? {
    insert(piece, payload.span.bytes)
  }
}
