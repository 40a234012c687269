import Bytes
import Capture
import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite struct PacketDecoderRobustnessTests {
  static let payload = (0..<40).map { UInt8(truncatingIfNeeded: $0 &* 13) }
  static let ends = [(P.client, P.server), (P.client6, P.server6)]

  @Test("Cut at every length, a packet gives what is left of its payload or nothing", arguments: PacketWrap.all)
  func cut(_ wrap: PacketWrap) throws {
    for (from, to) in Self.ends {
      let packet = wrap.around(P.tcpDatagram(from: from, to: to, seq: 9, flags: .ack, payload: Self.payload))
      let whole = try #require(decode(packet, wrap.linkType).content.segment)
      for length in 0...packet.count {
        // Once the capture says how long the packet was, once a mirror that cut it said nothing.
        for wireLength in [packet.count, length] {
          let cut = Array(packet.prefix(length))
          let (content, payload) = decode(cut, wrap.linkType, wireLength: wireLength)
          guard let segment = content.segment else {
            #expect(length < whole.payload.lowerBound)
            continue
          }
          #expect(payload == Array(Self.payload.prefix(max(0, length - whole.payload.lowerBound))))
          #expect(segment.payloadLength == Self.payload.count)
          #expect(segment.checksum == (payload == Self.payload ? .valid : .unknown))
          #expect(segment.sequence == whole.sequence && segment.source == from && segment.destination == to)
        }
      }
    }
  }

  @Test("Nothing that is done to a packet's bytes traps, and all ranges stay within them")
  func mutations() {
    var random = SeededRandom.announced("mutated packets")
    let samples = Self.samples()
    var limits = FragmentLimits()
    limits.bytes = 20_000
    var decoder = PacketDecoder(limits: limits)
    var decoded: UInt64 = 0
    for _ in 0..<60_000 {
      let (linkType, original) = samples[Int.random(in: 0..<samples.count, using: &random)]
      let bytes = Self.mutate(original, &random)
      var packet = P.captured(bytes, nanoseconds: Int64(bitPattern: random.next()), linkType: linkType)
      if random.next() % 16 == 0 { packet.linkType = samples[Int.random(in: 0..<samples.count, using: &random)].0 }
      if Bool.random(using: &random) { packet.time = Timestamp(nanoseconds: 0) }
      if Bool.random(using: &random) { packet.originalLength = UInt32(truncatingIfNeeded: random.next() >> 32) }
      packet.fcsLength = UInt8(truncatingIfNeeded: random.next() & random.next() & 0xf)
      var shown = bytes
      var content = decoder.next(packet, bytes.span.bytes)
      while case .datagram(let datagram) = content {
        #expect(datagram.bytes.count <= 0xffff + 40)
        shown = datagram.bytes
        content = decoder.next(datagram: datagram, time: packet.time)
      }
      decoded += 1
      if let segment = content.segment {
        #expect(segment.payload.lowerBound >= 0 && segment.payload.upperBound <= shown.count)
        #expect(segment.payload.count <= segment.payloadLength)
      }
      #expect(decoder.heldFragmentBytes <= limits.bytes)
    }
    let dismissed = Dismissal.allCases.map { decoder.counters.dismissed[$0] }
    #expect(decoder.counters.segments + dismissed.reduce(0, +) == decoded)
    #expect(decoder.counters.segments > 1_000)
  }

  @Test("Random bytes are no harder, whatever link type they claim")
  func noise() {
    var random = SeededRandom.announced("random packets")
    var decoder = PacketDecoder()
    let linkTypes: [UInt16] = [0, 1, 9, 50, 101, 108, 113, 228, 229, 239, 276]
    for round in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0..<120, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      if round % 2 == 0, !bytes.isEmpty { bytes[0] = [0x45, 0x60, 0, 2][round / 2 % 4] }
      let linkType = LinkType(rawValue: linkTypes[round % linkTypes.count])
      _ = decode(bytes, linkType, by: &decoder)
    }
  }

  /// Each wrap in both families, whole and in fragments.
  private static func samples() -> [(LinkType, [UInt8])] {
    PacketWrap.all.flatMap { wrap in
      ends.flatMap { from, to in
        let datagram = P.tcpDatagram(from: from, to: to, seq: 9, payload: payload)
        return ([datagram] + P.fragments(of: datagram, size: 32)).map { (wrap.linkType, wrap.around($0)) }
      }
    }
  }

  private static func mutate(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 0..<6, using: &random) {
      guard !bytes.isEmpty else { return bytes }
      // Headers are in front: lower places are likelier.
      let place = min(Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<bytes.count, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes.removeSubrange(place...)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      case 3: bytes[place] = 0
      case 4: bytes[place] = 0xff
      case 5: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 6: bytes += bytes[place...].prefix(40)
      default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    }
    return bytes
  }
}

/// SplitMix64: small, and the same everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// A generator that says its seed; WSTAP_SEED in the environment repeats a run.
  static func announced(_ name: String) -> SeededRandom {
    let given = ProcessInfo.processInfo.environment["WSTAP_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): WSTAP_SEED=\(seed)")
    return SeededRandom(seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
