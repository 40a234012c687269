import Bytes
import Capture

/// What a copier makes of the captures `files`, of each the next event in turn.
public func pcapngCopy(of files: [[UInt8]]) -> [UInt8] {
  var copier = PcapngCopier(captures: files.count, application: "a test")
  var buffer = BlockBuffer()
  var readers = files.map { _ in CaptureReader() }
  var positions = files.map { _ in 0 }
  for i in readers.indices { readers[i].givesAllBlocks = true }
  var isOver = files.map { _ in false }
  while isOver.contains(false) {
    for (i, file) in files.enumerated() where !isOver[i] {
      let bytes = file.span.bytes
      guard let event = try? readers[i].finish(bytes, &positions[i]) else {
        isOver[i] = true
        continue
      }
      if case .packet(let packet) = event {
        copier.append(packet, readers[i].block, bytes, file: i, to: &buffer)
      } else {
        _ = copier.append(event, readers[i].block, bytes, file: i, to: &buffer)
      }
    }
  }
  return buffer.withBytes(0..<buffer.count) { Array($0) }
}
