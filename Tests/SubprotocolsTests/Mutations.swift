import Testing

@testable import Subprotocols

/// A generator of numbers that are the same for the same seed.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Plays messages with a few bytes changed, cut, or repeated to a connection; whatever comes of it must be JSON on one line.
func mutate(_ messages: [String], _ seed: UInt64, _ peers: ViewTester, rounds: Int = 2000) {
  mutate(messages.map { Array($0.utf8) }, seed, peers, rounds: rounds)
}

/// The same for messages that are bytes.
func mutate(_ messages: [[UInt8]], _ seed: UInt64, _ peers: ViewTester, rounds: Int = 2000) {
  var random = SeededNumbers(seed)
  for round in 0..<rounds {
    var bytes = messages.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place...)
      case 2: bytes.insert(bytes[bytes.count - 1 - place], at: place)
      default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    }
    let view = peers.read(
      bytes, isText: Bool.random(using: &random), fromClient: Bool.random(using: &random), isWhole: round % 7 > 0)
    if let view { #expect(!view.text.isEmpty, "seed \(seed), round \(round): \(bytes)") }
  }
}

/// Plays each message to a new connection, cut off after each of its bytes: nothing is wrong with what the capture holds in part.
func cutShort(_ messages: [String], after first: [String], _ peers: () -> ViewTester) {
  for text in messages {
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count {
      for fromClient in [true, false] {
        let peers = peers()
        for text in first { _ = peers.text(text, fromClient: fromClient) }
        let view = peers.read(Array(bytes[..<length]), isText: true, fromClient: fromClient, isWhole: false)
        if let view { #expect(!view.text.isEmpty) }
        #expect(peers.faults.isEmpty, "\(text), \(length) bytes of it: \(peers.faults)")
      }
    }
  }
}
