import Bytes
import Foundation
import TLS
import TestSupport

/// A conversation in `Tests/Fixtures/tls`.
struct RecordedTalk {
  /// What went over TCP, in order: the direction, 0 from the client, and the bytes.
  var pieces: [(side: Int, bytes: [UInt8])] = []
  /// The key log, line by line.
  var keys: [String] = []
  /// What was said in the end, by each.
  var said: [[UInt8]] = [[], []]
  /// The server's private key; empty if it is of no use.
  var privateKey: [String] = []

  private static let folder = SampleFiles.repository.appending(path: "Tests/Fixtures/tls")

  /// The names of all conversations.
  static let names: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return names.filter { $0.hasSuffix(".talk") }.map { String($0.dropLast(5)) }.sorted()
  }()

  init(_ name: String) throws {
    let file = name.contains(".") ? name : name + ".talk"
    let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
    for line in text.split(separator: "\n") {
      let rest = String(line.drop { $0 != " " }.dropFirst())
      let mark = line.prefix { $0 != " " }
      switch mark {
      case ">": pieces.append((0, bytes(hex: rest)))
      case "<": pieces.append((1, bytes(hex: rest)))
      case "client": said[0] = bytes(hex: rest)
      case "server": said[1] = bytes(hex: rest)
      case "key": keys.append(rest)
      case "rsa": privateKey.append(rest)
      default: break
      }
    }
  }

  /// Its key log.
  var log: KeyLog { keyLog(keys) }
}

/// The bytes that `text` says in hexadecimal; anything else in it is passed over.
func bytes(hex text: String) -> [UInt8] {
  let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The key log with these lines.
func keyLog(_ lines: [String]) -> KeyLog {
  var log = KeyLog()
  log.read(Array(lines.joined(separator: "\n").utf8).span.bytes)
  return log
}

/// Reads a connection as the analysis does: what must wait is kept, and shown again.
struct Eavesdropper {
  let connection = TLSConnection()
  var log: KeyLog
  var buffers = TLSBuffers()
  /// What each direction says.
  var said: [[UInt8]] = [[], []]
  /// All other events, by direction.
  var events: [[TLSEvent]] = [[], []]
  private var held: [[UInt8]] = [[], []]

  init(_ log: KeyLog) { self.log = log }

  /// More bytes of the direction `side`.
  mutating func take(_ side: Int, _ bytes: [UInt8]) {
    held[side] += bytes
    pump()
  }

  /// Shows what was kept again.
  mutating func pump() {
    var isMoving = true
    while isMoving {
      isMoving = false
      for side in 0...1 where !held[side].isEmpty {
        let bytes = held[side]
        var position = 0
        while let event = connection.next(side, bytes.span.bytes, &position, log, &buffers) { note(side, event) }
        held[side].removeFirst(position)
        if position > 0 { isMoving = true }
      }
    }
  }

  /// `count` bytes are missing.
  mutating func skip(_ side: Int, _ count: Int) {
    if let event = connection.skip(side, UInt64(count)) { note(side, event) }
  }

  /// All was shown.
  mutating func finish() {
    pump()
    for side in 0...1 {
      while let event = connection.stopWaiting(side, log) { note(side, event) }
    }
    pump()
    for side in 0...1 {
      while let event = connection.finish(side) { note(side, event) }
    }
  }

  private mutating func note(_ side: Int, _ event: TLSEvent) {
    if case .data(let range, _) = event {
      said[side] += buffers.output[range]
    } else {
      events[side].append(event)
    }
  }
}
