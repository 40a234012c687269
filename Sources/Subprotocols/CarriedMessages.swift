import Bytes

/// The messages that those of another view carry, such as the STOMP in SockJS, or what was compressed once more: they have views of
/// their own.
public final class CarriedMessages {
  private let session: ViewSession
  private var writer = ViewWriter()
  private var outline = JSONOutline()

  /// How deep messages may be carried by others.
  static let mostDepth = 4
  private let isTooDeep: Bool

  /// Messages of a connection; of the subprotocol `subprotocol`, if that is known.
  public init(_ context: ViewContext, subprotocol: String? = nil) {
    isTooDeep = context.depth >= Self.mostDepth
    var inner = ViewContext(subprotocol: subprotocol, memory: context.memory)
    inner.depth = context.depth + 1
    session = ViewSession(inner)
  }

  /// Messages of the client, or of the server, are missing.
  public func lose(ofClient: Bool) { session.lose(ofClient: ofClient) }

  /// Shows what `content` means, which `message` carries, as the object `carries`, and says it in the line; nothing where no view
  /// knows. False then.
  @discardableResult
  public func show(_ message: ViewedMessage, _ content: RawSpan, into view: inout ViewWriter) -> Bool {
    guard !isTooDeep, view.carriers < Self.mostDepth else { return false }
    writer.carriers = view.carriers + 1
    let isShown = session.read(message, content, &outline, &writer)
    for words in writer.faults { view.fault("\(session.specification): \(words)") }
    writer.faults.removeAll()
    guard isShown else { return false }
    let carried = writer.take()
    view.carry(carried)
    writer.reuse(carried)
    return true
  }

  /// The same; where that has nothing to say, the line has the content as it stands.
  public func showOrSay(_ message: ViewedMessage, _ content: RawSpan, into view: inout ViewWriter) {
    let before = view.view.line.count
    show(message, content, into: &view)
    if view.view.line.count == before { view.say(content) }
  }
}
