import Bytes
import Capture

/// A copy of a capture can be read, and holds the same packets; also where it is merged with itself and with another one.
func fuzz(_ input: [UInt8]) {
  var chance = Chance(input)
  let packets = Packets(input)
  guard packets.isCapture else { return }
  let copy = pcapngCopy(of: [input])
  let again = Packets(copy)
  require(again.bytes == packets.bytes, "\(again.bytes.count) packets of \(packets.bytes.count), or other ones")
  require(again.times == packets.times, "times \(again.times), not \(packets.times)")
  // A copy of a copy is that copy: nothing more is lost.
  require(pcapngCopy(of: [copy]) == copy, "a copy of the copy differs")
  let other = Array(input.prefix(Int(chance.next() % UInt64(input.count + 1))))
  let merged = Packets(pcapngCopy(of: [input, other]))
  require(merged.bytes.count == packets.bytes.count + Packets(other).bytes.count, "merging loses packets")
}

/// The packets of a capture.
private struct Packets {
  var isCapture = false
  var bytes: [[UInt8]] = []
  /// Of those that have one.
  var times: [Timestamp] = []

  init(_ file: [UInt8]) {
    var (reader, position) = (CaptureReader(), 0)
    while let event = try? reader.finish(file.span.bytes, &position) {
      guard case .packet(let packet) = event else { continue }
      bytes.append(Array(file[packet.data]))
      if packet.hasTime { times.append(packet.time) }
    }
    isCapture = reader.format != nil
  }
}
