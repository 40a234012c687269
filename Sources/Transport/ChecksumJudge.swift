/// Tells a segment that was damaged on its way from one whose checksum the capturing host had not filled in yet.
struct ChecksumJudge: Sendable {
  private var valid: UInt32 = 0
  private var wrong: UInt32 = 0

  @inline(__always)
  mutating func noteValid() {
    if valid < .max { valid += 1 }
  }

  /// False when the receiver will have dropped `segment`: its checksum is wrong while this sender's are right otherwise.
  mutating func accepts(_ segment: TCPSegment) -> Bool {
    defer {
      if segment.checksum == .valid { noteValid() }
      if segment.checksum == .wrong, wrong < .max { wrong += 1 }
    }
    return wouldAccept(segment)
  }

  /// The same, without taking note of it: at least four in five of the sender's checksums must be right for a wrong one to
  /// count as damage.
  func wouldAccept(_ segment: TCPSegment) -> Bool {
    segment.checksum != .wrong || acceptsWrong
  }

  /// Whether a wrong checksum counts as nothing.
  var acceptsWrong: Bool { valid < 2 || wrong > valid / 4 }
}
