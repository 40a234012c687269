import Transport
import WebSocket

/// What most senders never need.
struct SenderRemarks {
  /// Whether the Close frame breaks a rule.
  var isCloseFaulty = false
  /// How often it was told what became of the data that compressed messages refer to.
  var contextReports = 0
  /// What the first Close frame says; nil if there was none, or if it is not all in the capture.
  var close: CloseReason?
  /// What the stream was found to end in the middle of.
  var cutOff: CutOff?
  /// Where the message in progress, or that was given out last, was found to be faulty; only of messages that take more
  /// than a frame in one piece.
  var contentFault: ContentFault?
}

/// Where the first fault in a message's content showed.
struct ContentFault {
  var frame: UInt64
  var packet: PacketReference
  var offset: StreamOffset
}

extension SenderStream {
  /// What is known of the Close frame of this sender.
  enum Closing {
    /// It sent none, or not all of one.
    case none
    /// It sent one that its peer can take.
    case sound
    /// It sent one that breaks a rule.
    case faulty
    /// It sent one that the capture holds in part.
    case unread
    /// The capture lacks bytes in which there may be one.
    case unknown
  }

  /// See `Closing`.
  var closing: Closing {
    if !noted.isEmpty, noted[0].close != nil { return noted[0].isCloseFaulty ? .faulty : .sound }
    if hasClosed { return frame.position > frame.captured ? .unread : .none }
    return mayMissLast ? .unknown : .none
  }
}
