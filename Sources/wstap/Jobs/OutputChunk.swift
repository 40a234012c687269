import Export

/// A part of what one of several jobs writes.
struct OutputChunk: Sendable {
  /// Bytes of the same position that follow each other.
  struct Piece: Sendable {
    var position: OutputPosition
    /// Where it ends, in bytes of the job's whole output.
    var end: UInt64
    /// Connections that the job had numbered by then.
    var numbered: UInt64
  }

  /// Bytes of the job's output before this.
  var start: UInt64 = 0
  var bytes: [UInt8] = []
  var pieces: [Piece] = []
  var gaps: [NumberGaps.Gap] = []
  /// Nothing that comes before this is missing.
  var reached = OutputPosition.before(packet: 0)
}
