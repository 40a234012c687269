import Bytes
import TLS

/// A TLS connection and a key log, both of which may be damaged: the same plaintext and faults whole and in pieces; all bytes
/// are taken, unless a direction waits; what is held stays small.
func fuzz(_ input: [UInt8]) {
  var steering = Steering(input)
  var chance = Chance(input)
  var whole = Eavesdropper()
  var split = Eavesdropper()
  while !steering.isOver {
    let op = steering.byte()
    let side = Int(op & 1)
    switch op >> 1 & 3 {
    case 0, 1:
      let bytes = steering.take(steering.word())
      whole.take(side, bytes)
      var start = 0
      for piece in chance.pieces(of: bytes.count) {
        split.take(side, Array(bytes[start..<start + piece]))
        start += piece
      }
    case 2:
      let text = steering.take(steering.word())
      whole.learn([text])
      var pieces: [[UInt8]] = []
      var start = 0
      for piece in chance.pieces(of: text.count) {
        pieces.append(Array(text[start..<start + piece]))
        start += piece
      }
      split.learn(pieces)
    default:
      let count = steering.word()
      whole.skip(side, count)
      split.skip(side, count)
    }
    require(whole.connection.heldBytes < 2 << 20, "holds \(whole.connection.heldBytes) bytes")
  }
  whole.finish()
  split.finish()
  require(whole.said == split.said, "whole: \(whole.said)\nin pieces: \(split.said)")
  require(whole.events == split.events, "whole: \(whole.events)\nin pieces: \(split.events)")
  let information = whole.connection.information
  require(information == split.connection.information, "\(information)\nin pieces: \(split.connection.information)")
  require(information.hasData == !(whole.said[0].isEmpty && whole.said[1].isEmpty), "data: \(information.hasData)")
}

/// Reads a connection as the analysis does: what must wait is kept, and shown again.
private struct Eavesdropper {
  let connection = TLSConnection()
  private var log = KeyLog()
  private var buffers = TLSBuffers()
  var said: [[UInt8]] = [[], []]
  var events: [[TLSEvent]] = [[], []]
  private enum Piece {
    case bytes([UInt8])
    case gap(Int)
  }
  private var held: [[Piece]] = [[], []]

  mutating func learn(_ pieces: [[UInt8]]) {
    var reader = KeyLogReader()
    for piece in pieces {
      var position = 0
      while let fault = reader.next(piece.span.bytes, &position, into: &log) {
        require(fault.line > 0, "a fault without a line")
      }
      require(position == piece.count, "a key log is not taken")
    }
    _ = reader.finish(into: &log)
    pump()
  }

  mutating func take(_ side: Int, _ bytes: [UInt8]) {
    held[side].append(.bytes(bytes))
    pump()
  }

  mutating func skip(_ side: Int, _ count: Int) {
    held[side].append(.gap(count))
    pump()
  }

  private mutating func pump() {
    var isMoving = true
    while isMoving {
      isMoving = false
      for side in 0...1 {
        while let piece = held[side].first, show(side, piece) { isMoving = true }
      }
    }
  }

  /// Shows a piece; whether anything of it was taken.
  private mutating func show(_ side: Int, _ piece: Piece) -> Bool {
    switch piece {
    case .bytes(let bytes):
      var position = 0
      while let event = connection.next(side, bytes.span.bytes, &position, log, &buffers) { note(side, event) }
      require(position <= bytes.count, "took more than was shown")
      if position == bytes.count {
        held[side].removeFirst()
        return true
      }
      require(connection.waiting(side) != nil, "waits for nothing")
      held[side][0] = .bytes(Array(bytes[position...]))
      return position > 0
    case .gap(let count):
      guard connection.waiting(side) == nil else {
        let nothing: [UInt8] = []
        var position = 0
        while let event = connection.next(side, nothing.span.bytes, &position, log, &buffers) { note(side, event) }
        if connection.waiting(side) != nil { return false }
        return show(side, piece)
      }
      held[side].removeFirst()
      if let event = connection.skip(side, UInt64(count)) { note(side, event) }
      return true
    }
  }

  mutating func finish() {
    pump()
    var isWaiting = true
    while isWaiting {
      isWaiting = false
      for side in 0...1 where connection.waiting(side) != nil {
        isWaiting = true
        if let event = connection.stopWaiting(side, log) { note(side, event) }
        pump()
      }
    }
    for side in 0...1 {
      while let event = connection.finish(side) { note(side, event) }
    }
    // What would be written with the packets is a key log, and is given once.
    guard let secrets = connection.newSecrets(log, skipsEmbedded: false) else { return }
    var text: [UInt8] = []
    secrets.append(to: &text)
    var copy = KeyLog()
    require(!text.isEmpty && copy.read(text.span.bytes).isEmpty, "secrets that are no key log")
    require(connection.newSecrets(log, skipsEmbedded: false) == nil, "secrets are given twice")
  }

  private mutating func note(_ side: Int, _ event: TLSEvent) {
    if case .data(let range, _) = event {
      require(!range.isEmpty && range.upperBound <= buffers.output.count, "data out of bounds")
      said[side] += buffers.output[range]
    } else {
      events[side].append(event)
    }
  }
}
