/// The views there are.
public enum PayloadViews {
  /// Subprotocols, of which a connection speaks one.
  public static let protocols: [any PayloadView.Type] = [
    ActionCable.self, CDP.self, Centrifugo.self, GraphQL.self, JSONRPC.self, Jupyter.self, MQTT.self, OCPP.self,
    Phoenix.self, Pusher.self, SignalR.self, SIP.self, SOAP.self, SocketIO.self, SockJS.self, STOMP.self, WAMP.self,
    XMPP.self, ZlibStream.self,
  ]

  /// Formats of payloads, which each message may have on its own; the surest come first.
  public static let kinds: [any PayloadView.Type] = [
    JSONPayload.self, MessagePackPayload.self, CBORPayload.self, XMLPayload.self, GzipPayload.self, ZlibPayload.self,
    ImagePayload.self, AudioPayload.self, VideoPayload.self, DocumentPayload.self, ArchivePayload.self,
    OtherFilePayload.self, ProtobufPayload.self,
  ]

  /// All of them.
  public static var all: [any PayloadView.Type] { protocols + kinds }

  /// The view called `name`; nil if there is none of that name.
  public static func named(_ name: String) -> (any PayloadView.Type)? { all.first { $0.description.name == name } }

  private static let bySubprotocol: [String: any PayloadView.Type] = {
    var views: [String: any PayloadView.Type] = [:]
    for view in all { for name in view.description.subprotocols where views[name] == nil { views[name] = view } }
    return views
  }()

  /// The view for the subprotocol `name`, in lower case.
  static func agreed(on name: String) -> (any PayloadView.Type)? { bySubprotocol[name] }

  /// The view that a request for `target` points to, and how much it does; nil if it points to none.
  static func expected(for target: RequestTarget) -> (view: any PayloadView.Type, likelihood: Double)? {
    var best: (view: any PayloadView.Type, likelihood: Double)?
    for view in protocols {
      let likelihood = view.likelihood(ofTarget: target)
      if likelihood > max(best?.likelihood ?? 0, 0.5) { best = (view, likelihood) }
    }
    return best
  }
}
