import Bytes
import Capture
import Transport

/// Packets of one link type, the first byte's, among them fragments. Segments point into what was decoded, everything is
/// counted once, and a second decoder says the same.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  let types: [LinkType] = [
    .raw, .ethernet, .linuxSLL, .linuxSLL2, .null, .loop, .ppp, .pppHDLC, .rawBSD, .rawOpenBSD, .ipv4, .ipv6, .nflog,
    LinkType(rawValue: 147),
  ]
  let type = types[Int(steering.byte()) % types.count]
  var limits = FragmentLimits.default
  if steering.flag() {
    limits.bytes = 4096
    limits.datagramsPerPair = 2
    limits.lifetimeIPv4 = 100
  }
  var decoders = [PacketDecoder(limits: limits), PacketDecoder(limits: limits)]
  var counts = Counts()
  var others = Counts()
  var number: UInt64 = 0
  var time: Int64 = 0
  while !steering.isOver {
    let flags = steering.byte()
    let bytes = steering.take(flags & 1 == 0 ? Int(steering.byte()) : steering.word())
    number += 1
    time &+= flags & 2 == 0 ? 1 : Int64(steering.byte()) << 32
    let cut = flags & 4 == 0 ? 0 : steering.long()
    let packet = CapturedPacket(
      number: number, time: Timestamp(nanoseconds: time), linkType: type, fcsLength: flags & 8 == 0 ? 0 : 4,
      originalLength: flags & 16 == 0 ? UInt32(bytes.count).addingReportingOverflow(cut).partialValue : cut,
      data: 0..<bytes.count)
    let first = decode(packet, bytes, &decoders[0], &counts)
    let second = decode(packet, bytes, &decoders[1], &others)
    require(first == second, "decoded twice: \(first), \(second)")
  }
  counts.check(decoders[0].counters)
  require(decoders[0].counters == decoders[1].counters, "counted twice: \(decoders[0].counters)")
}

private struct Counts {
  var segments: UInt64 = 0
  var dismissed: UInt64 = 0
  var datagrams: UInt64 = 0

  func check(_ counters: PacketCounters) {
    let all = Dismissal.allCases.map { counters.dismissed[$0] }.reduce(0, +)
    require(counters.segments == segments, "\(counters.segments) segments, not \(segments)")
    require(all == dismissed, "\(all) packets dismissed, not \(dismissed)")
    require(counters.fragments.completed == datagrams, "\(counters.fragments.completed) datagrams, not \(datagrams)")
    require(counters.fragments.incomplete < 1 << 32, "fewer than no datagram is incomplete")
  }
}

private func decode(
  _ packet: CapturedPacket, _ bytes: [UInt8], _ decoder: inout PacketDecoder, _ counts: inout Counts
) -> [PacketContent] {
  var contents = [decoder.next(packet, bytes.span.bytes)]
  var shown = bytes
  while true {
    switch contents[contents.count - 1] {
    case .segment(let segment):
      require(segment.payload.upperBound <= shown.count, "the payload lies outside")
      require(segment.payload.count <= segment.payloadLength, "more payload than its length")
      counts.segments += 1
      return contents
    case .nothing:
      counts.dismissed += 1
      return contents
    case .datagram(let datagram):
      counts.datagrams += 1
      require(contents.count <= 20, "datagrams without end")
      shown = datagram.bytes
      contents.append(decoder.next(datagram: datagram, time: packet.time))
    }
  }
}
