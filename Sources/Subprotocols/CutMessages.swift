/// Messages of which less is stored than there was.
extension ViewWriter {
  /// Says that the rest of `message`, which is all in the capture, is not stored; nothing where it is.
  mutating func tellCut(_ message: ViewedMessage) {
    guard message.isCut else { return }
    tellCut()
    say("(cut by --max-payload)")
  }

  /// Says why the rest of a unit is not shown: it is nested too deep, or not there of `message`.
  mutating func tellRest(_ message: ViewedMessage?, isTooDeep: Bool) {
    if isTooDeep {
      tellCut()
      say("… nested too deep")
    } else if let message, message.isCut {
      tellCut(message)
    } else {
      say("…")
    }
  }
}
