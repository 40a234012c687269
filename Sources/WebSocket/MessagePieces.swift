/// What follows on the stored bytes of a message: it is taken while the message comes, so that nobody has to hold all of it.
///
/// What is taken comes in order, and begins right behind `content`. Bytes that are not known are left out, as they are there. After
/// bytes that were left out for whatever other reason nothing more is given.
extension MessageAssembler {
  /// Hands over what follows on the content and on all that was taken before.
  public mutating func takePiece() -> [UInt8] {
    takenBytes += UInt64(piece.count)
    defer { piece = [] }
    return piece
  }

  /// Gives back an array from `takePiece`, so that its memory serves again.
  public mutating func reuse(piece array: consuming [UInt8]) {
    guard isInsideMessage, piece.isEmpty else { return }
    piece = array
    piece.removeAll(keepingCapacity: true)
  }

  /// Whether there is more of the message than `content`.
  var hasPieces: Bool { takenBytes > 0 || !piece.isEmpty }

  /// Whether what has no room in `content` is kept. Inferred bytes of a text may prove wrong at its end: nobody could take them
  /// back then.
  var givesPieces: Bool {
    limits.givesPieces && isStoredWhole && !(message.opcode == .text && message.inference != nil)
  }

  mutating func beginPieces() {
    takenBytes = 0
    if piece.capacity > 0 { piece = [] }
  }
}
