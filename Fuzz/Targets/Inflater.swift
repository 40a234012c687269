import Bytes
import WebSocket

/// Compressed messages, by way of `MessageAssembler`. Messages that zlib deflated come back as they were, with any window,
/// with or without context takeover; hostile ones come to the same whole or in pieces, and no more is stored than the limit.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  let flags = steering.byte()
  let compression = compression(
    takesOver: flags & 1 == 0, perFrame: flags & 2 != 0, windowBits: 8 + Int(flags >> 2 & 7))
  var limits = MessageLimits()
  if flags & 0x20 != 0 { limits.stored = 50 }
  if flags & 0x40 != 0 { limits.inflated = 10 }
  var chance = Chance(input)
  if flags & 0x80 == 0 {
    hostile(&steering, compression, limits, &chance)
  } else {
    sound(&steering, compression, limits, &chance)
  }
}

/// Frames whose headers and payloads are the input's.
private func hostile(
  _ steering: inout Steering, _ compression: DirectionCompression, _ limits: MessageLimits, _ chance: inout Chance
) {
  var whole = FrameReader(compression, limits)
  var split = FrameReader(compression, limits)
  var unlimited = FrameReader(compression, FrameReader.noLimits)
  while !steering.isOver {
    let op = steering.byte()
    let payload = steering.take(op & 0x20 == 0 ? Int(steering.byte()) : steering.word())
    let missing: UInt64 = op & 0x10 == 0 ? 0 : UInt64(steering.byte())
    let header = frameHeader(op & 0xC0 | op & 3, UInt64(payload.count) + missing)
    whole.take(header + payload)
    whole.skip(missing)
    unlimited.take(header + payload)
    unlimited.skip(missing)
    feed(header + payload, to: &split, &chance)
    split.skip(missing)
  }
  require(whole == split, "whole: \(whole)\nin pieces: \(split)")
  whole.requireBeginnings(of: unlimited)
  for seen in whole.messages where seen.message.isCompressed && !compression.isPerFrame {
    require(seen.content.count <= limits.inflated, "\(seen.content.count) inflated bytes are stored")
  }
}

private func feed(_ bytes: [UInt8], to reader: inout FrameReader, _ chance: inout Chance) {
  var start = 0
  for piece in chance.pieces(of: bytes.count) {
    reader.take(Array(bytes[start..<start + piece]))
    start += piece
  }
}

/// Messages of which the input says what is in them and how they are deflated.
private func sound(
  _ steering: inout Steering, _ compression: DirectionCompression, _ limits: MessageLimits, _ chance: inout Chance
) {
  var reader = FrameReader(compression, limits)
  let deflater = Deflater(windowBits: compression.windowBits)
  while !steering.isOver {
    let op = steering.byte()
    let unit = steering.take(Int(steering.byte()))
    let count = op & 1 == 0 ? 1 : Int(steering.byte())
    let content = [UInt8]((0..<count).map { _ in unit }.joined())
    let payload = deflater.message(content, level: Int(op >> 1 & 7) + 1, endsWithFinalBlock: op & 0x10 != 0)
    if compression.isWithoutContextTakeover { deflater.reset() }
    let before = reader.messages.count
    let cut = compression.isPerFrame || op & 0x20 == 0 ? payload.count : payload.count / 2
    feed(frameHeader(cut == payload.count ? 0xC2 : 0x42, UInt64(cut)) + payload[..<cut], to: &reader, &chance)
    if cut < payload.count {
      feed(frameHeader(0x80, UInt64(payload.count - cut)) + payload[cut...], to: &reader, &chance)
    }
    require(reader.messages.count == before + 1, "\(reader.messages.count - before) messages")
    let seen = reader.messages[before]
    let room = min(limits.stored, limits.inflated)
    require(seen.message.isComplete && !seen.message.isDamaged, "\(content.count) bytes come to \(seen.message)")
    require(seen.message.length == UInt64(content.count), "\(seen.message.length) of \(content.count) bytes")
    require(seen.content == Array(content.prefix(room)), "other content")
  }
}

private func frameHeader(_ first: UInt8, _ length: UInt64) -> [UInt8] {
  [first, 127] + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * UInt64($0))) }
}
