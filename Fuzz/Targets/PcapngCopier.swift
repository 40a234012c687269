import Bytes
import Capture

/// A copy of a capture can be read, and holds the same packets; also where it is merged with itself and with another one.
func fuzz(_ input: [UInt8]) {
  var chance = Chance(input)
  let packets = Packets(input)
  guard packets.isCapture else { return }
  let copy = copied([input])
  let again = Packets(copy)
  require(again.bytes == packets.bytes, "\(again.bytes.count) packets of \(packets.bytes.count), or other ones")
  require(again.times == packets.times, "times \(again.times), not \(packets.times)")
  // A copy of a copy is that copy: nothing more is lost.
  require(copied([copy]) == copy, "a copy of the copy differs")
  let other = Array(input.prefix(Int(chance.next() % UInt64(input.count + 1))))
  let merged = Packets(copied([input, other]))
  require(merged.bytes.count == packets.bytes.count + Packets(other).bytes.count, "merging loses packets")
}

/// What a copier makes of `files`, of each the next event in turn.
private func copied(_ files: [[UInt8]]) -> [UInt8] {
  var copier = PcapngCopier(captures: files.count, application: "fuzz")
  var buffer = BlockBuffer()
  var readers = files.map { _ in CaptureReader() }
  var positions = files.map { _ in 0 }
  for i in readers.indices { readers[i].givesAllBlocks = true }
  var isOver = files.map { _ in false }
  while isOver.contains(false) {
    for (i, file) in files.enumerated() where !isOver[i] {
      guard let event = try? readers[i].finish(file.span.bytes, &positions[i]) else {
        isOver[i] = true
        continue
      }
      if case .packet(let packet) = event {
        copier.append(packet, readers[i].block, file.span.bytes, file: i, to: &buffer)
      } else {
        _ = copier.append(event, readers[i].block, file.span.bytes, file: i, to: &buffer)
      }
    }
  }
  return buffer.withBytes(0..<buffer.count) { Array($0) }
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
