import Capture
import HTTP
import TLS
import Transport
import WebSocket

/// A WebSocket connection, or an attempt at one.
public struct ConnectionRecord: Equatable, Sendable {
  /// Number, identifier and ends.
  public var connection: ConnectionReference
  /// When the handshake was complete.
  public var time: Timestamp
  /// How decoding began.
  public var start: ConnectionStart
  /// The request; nil if the capture lacks it.
  public var request: HeadRecord?
  /// The response; nil if the capture lacks it.
  public var response: HeadRecord?
  /// What became of the request to switch protocols.
  public var outcome: UpgradeOutcome
  /// What the handshake says. It is made of the heads when it is asked for, unless it was given.
  public var handshake: HandshakeSummary {
    get {
      given.first
        ?? HandshakeSummary(request: request?.head, response: response?.head, isSecure: !secured.isEmpty)
    }
    set { given = [newValue] }
  }
  /// How sure it is that this is a WebSocket; nil where the handshake says so.
  public var inference: Inference?

  /// How long the opening of the TCP connection took.
  public var roundTrip = TCPRoundTrip()

  /// What the TLS handshake says; nil where there is no TLS.
  public var tls: TLSInformation? {
    get { secured.first }
    set { secured = newValue.map { [$0] } ?? [] }
  }

  /// The requests of Engine.IO's long polling whose session this goes on from; nil where none is known.
  public var polling: LongPolling? {
    get { polled.first }
    set { polled = newValue.map { [$0] } ?? [] }
  }

  private var polled: [LongPolling] = []
  private var secured: [TLSInformation]
  /// What the handshake says, if it was given; an array, so that a record is small.
  private var given: [HandshakeSummary]

  /// Whether the protocol was switched.
  public var isUpgraded: Bool { outcome == .upgraded }

  init(
    connection: ConnectionReference, time: Timestamp, start: ConnectionStart, request: HeadRecord?,
    response: HeadRecord?, outcome: UpgradeOutcome, handshake: HandshakeSummary? = nil, tls: TLSInformation? = nil,
    inference: Inference? = nil
  ) {
    self.connection = connection
    self.time = time
    self.start = start
    self.request = request
    self.response = response
    self.outcome = outcome
    self.inference = inference
    secured = tls.map { [$0] } ?? []
    given = handshake.map { [$0] } ?? []
  }

  /// What came of `upgrade`, on a connection that began at `time`.
  ///
  /// - Parameter isTold: whether it will be asked what the handshake says.
  init(
    _ connection: ConnectionReference, _ upgrade: borrowing Upgrade, _ outcome: UpgradeOutcome,
    openedAt time: Timestamp, _ roundTrip: TCPRoundTrip, isTold: Bool, tls: TLSInformation?
  ) {
    self.connection = connection
    request = upgrade.request
    response = upgrade.response
    self.roundTrip = roundTrip
    let completion = upgrade.completion
    self.time = completion?.time ?? time
    start = completion == nil ? .midstream : .handshake
    self.outcome = outcome
    inference = upgrade.inference
    secured = tls.map { [$0] } ?? []
    given =
      isTold
      ? [HandshakeSummary(request: upgrade.request?.head, response: upgrade.response?.head, isSecure: tls != nil)] : []
  }

  /// Whether they say the same.
  public static func == (a: ConnectionRecord, b: ConnectionRecord) -> Bool {
    a.connection == b.connection && a.time == b.time && a.start == b.start && a.request == b.request
      && a.response == b.response && a.outcome == b.outcome && a.handshake == b.handshake && a.tls == b.tls
      && a.inference == b.inference && a.polling == b.polling && a.roundTrip == b.roundTrip
  }

  // MARK: Parts of the handshake, for which nothing else is made

  /// The extensions in use.
  var extensions: [ExtensionElement] {
    given.first?.extensions ?? response.map { HandshakeSummary.extensions($0.head) } ?? []
  }

  /// Whether the accept value fits the key; nil where one of them is not known.
  var acceptIsValid: Bool? {
    if let given = given.first { return given.acceptIsValid }
    guard let request, let response else { return nil }
    return HTTPHead.acceptFits(request: request.head, response: response.head)
  }
}
