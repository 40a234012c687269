/// Messages of which less is stored than there was.
extension ViewWriter {
  /// Says that the rest of `message`, which is all in the capture, is not stored; nothing where it is.
  mutating func tellCut(_ message: ViewedMessage) {
    guard message.isCut else { return }
    boolean("cut", true)
    say("… cut by --max-payload")
  }
}
