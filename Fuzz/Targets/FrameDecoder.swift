import Bytes
import WebSocket

/// Frames and messages are the same whole or in pieces, with gaps at the same places. Lengths add up, no more is stored than
/// the limit, and texts are valid exactly if the standard library says so.
///
/// The first byte says how messages are compressed and stored, the second how many gaps there are.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  let flags = steering.byte()
  let gaps = Int(steering.byte() & 3)
  let compression = compression(takesOver: flags & 2 == 0, perFrame: flags & 4 != 0, windowBits: 8 + Int(flags >> 5))
  var limits = MessageLimits()
  if flags & 8 != 0 { limits.stored = 20 }
  let bytes = steering.rest()
  var chance = Chance(input)
  let cuts = (0..<gaps).map { _ in Int.random(in: 0...bytes.count, using: &chance) }.sorted()
  let missing = cuts.map { _ in chance.next() >> (chance.next() & 63) }

  var whole = FrameReader(flags & 1 == 0 ? nil : compression, limits)
  var split = whole
  var unlimited = FrameReader(flags & 1 == 0 ? nil : compression, FrameReader.noLimits)
  var start = 0
  for (index, end) in (cuts + [bytes.count]).enumerated() {
    whole.take(Array(bytes[start..<end]))
    unlimited.take(Array(bytes[start..<end]))
    var position = start
    for piece in chance.pieces(of: end - start) {
      split.take(Array(bytes[position..<position + piece]))
      position += piece
    }
    start = end
    guard index < missing.count else { continue }
    whole.skip(missing[index])
    split.skip(missing[index])
    unlimited.skip(missing[index])
  }
  require(whole == split, "whole: \(whole)\nin pieces: \(split)")
  whole.requireBeginnings(of: unlimited)
  if !whole.isLost { require(whole.length == bytes.count, "\(whole.length) of \(bytes.count) bytes") }
}
