import Bytes
import Capture

/// A compressed file unpacks to the same in one piece or in many, into a large buffer or a small one.
func fuzz(_ input: [UInt8]) {
  let known = CompressionFormat(startingWith: input.span.bytes)
  let format = known ?? (input.first ?? 0 < 0x80 ? .gzip : .zstd)
  var chance = Chance(input)
  let whole = unpack(input, format, [input.count], room: 1 << 16)
  let pieces = chance.pieces(of: input.count)
  let parts = unpack(input, format, pieces, room: Int.random(in: 1...5000, using: &chance))
  if whole.isCut || parts.isCut { return }
  // Of the zstd block that is damaged, or of the last one, some bytes may be given or none.
  let common = min(parts.output.count, whole.output.count)
  let rest = max(parts.output.count, whole.output.count) - common
  require(rest <= (whole.fault == nil ? 0 : 1 << 17), "gives \(parts.output.count) or \(whole.output.count) bytes")
  require(parts.output.prefix(common) == whole.output.prefix(common), "gives other bytes")
  require((parts.fault == nil) == (whole.fault == nil), "\(String(describing: (parts.fault, whole.fault)))")
}

private struct Unpacked {
  var output: [UInt8] = []
  var fault: CaptureFault?
  /// Whether there was more than is compared.
  var isCut = false
}

private func unpack(_ input: [UInt8], _ format: CompressionFormat, _ pieces: [Int], room: Int) -> Unpacked {
  let decompressor = CaptureDecompressor(format)
  var unpacked = Unpacked()
  var buffer = [UInt8](repeating: 0, count: room)
  var start = 0
  for piece in pieces {
    let bytes = Array(input[start..<start + piece])
    start += piece
    var position = 0
    while true {
      var filled = 0
      let step = decompressor.decompress(bytes.span.bytes, &position, into: &buffer, &filled)
      require(position <= bytes.count && filled <= buffer.count, "went too far")
      unpacked.output += buffer[..<filled]
      if unpacked.output.count > 1 << 20 {
        unpacked.isCut = true
        return unpacked
      }
      if case .over(let fault) = step {
        unpacked.fault = fault
        require(decompressor.offset <= UInt64(input.count), "took more than there is")
        return unpacked
      }
      if step == .needsInput { break }
      require(filled > 0, "a full buffer holds nothing")
    }
    require(position == bytes.count, "wants input and takes none")
  }
  unpacked.fault = decompressor.finish()
  return unpacked
}
