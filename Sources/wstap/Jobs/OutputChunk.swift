import Export

/// A part of what one of several jobs writes.
struct OutputChunk: @unchecked Sendable {
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
  /// Nobody changes them any more when the chunk is handed over. Nil: there are none.
  var bytes: ChunkBytes?
  var pieces: [Piece] = []
  var gaps: [NumberGaps.Gap] = []
  /// Nothing that comes before this is missing.
  var reached = OutputPosition.before(packet: 0)

  /// Pieces for which there is room from the start: what a chunk usually has.
  private static let usualPieces = 1024

  init(start: UInt64 = 0) {
    self.start = start
    pieces.reserveCapacity(Self.usualPieces)
  }

  /// Bytes of the job's output before what follows this.
  var end: UInt64 { start + UInt64(bytes?.count ?? 0) }
}
