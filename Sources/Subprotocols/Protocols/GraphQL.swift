import Bytes
import JSON

/// GraphQL over WebSocket: `graphql-transport-ws`, which the `graphql-ws` library defines, and the older protocol of
/// `subscriptions-transport-ws`, whose name in the handshake is `graphql-ws` (also that of AWS AppSync).
final class GraphQL: PayloadView {
  static let description = ViewDescription(
    "graphql", "GraphQL", specification: "GraphQL over WebSocket",
    subprotocols: ["graphql-transport-ws", "graphql-ws"],
    readsOutline: true,
    fields: [
      ViewField("type", .string, "type of the message: connection_init, subscribe, next, complete, …"),
      ViewField("id", .json, "id of the operation"),
      ViewField("operation", .string, "query, mutation or subscription; of a reply, that of its request"),
      ViewField("operation_name", .string, "name of the operation, if it has one"),
      ViewField("query", .string, "the document with the operation"),
      ViewField("variables", .json, "values of the operation's variables"),
      ViewField("data", .json, "what the operation gave"),
      ViewField("errors", .json, "why the operation failed, or a part of it"),
      ViewField("extensions", .json, "what else an operation or a result says"),
      ViewField("payload", .json, "what a message carries that is neither operation nor result"),
      ViewField("cancels", .number, "number of the message with the operation that the client ends"),
      ViewField("reply_to", .number, "number of the message that this replies to"),
      ViewField("latency", .number, "seconds from the request to its first reply"),
    ])

  /// Whether the handshake says that it is the older protocol; nil if that is not known. Many ends that agree on the older name speak
  /// the newer protocol: then they are taken at their messages.
  private var isOld: Bool?
  /// Whether something was agreed on that only looks like it: the Event API of AWS AppSync.
  private let isOther: Bool
  private let isForced: Bool
  private var inner = JSONOutline()
  /// Labels of the operations that are under way, by the text of their ids.
  private var operations: [String: Operation] = [:]
  /// Operations that are remembered.
  private static let mostOperations = 256

  private struct Operation {
    var kind: String
    var name: String?
    var label: String
    var message: UInt64
  }

  init(_ context: ViewContext) {
    let name = context.subprotocol?.lowercased()
    isForced = context.isForced
    isOther = name?.hasPrefix("aws-appsync-event") ?? false
    switch name {
    case "graphql-ws": isOld = true
    case "graphql-transport-ws": isOld = false
    default: isOld = nil
    }
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard outline.root == .object, let token = outline.string("type", content) else { return .foreign }
    let type = GraphQLMessage(content, token)
    guard !isOther || isForced, type != nil || isOld != nil, outline.isReadable || !message.isWhole else {
      return .foreign
    }
    if let type, isOld == nil, !isForced, message.isWhole, outline.isComplete,
      !isMessage(type, message, content, outline)
    {
      return .foreign
    }
    view.say("GraphQL")
    view.json("type", token, content)
    view.say(token, content)
    let id = outline.member("id", content)?.unlessNull
    view.json("id", id, content)
    if let id { view.say("#\(content.words(id))") }
    guard let type else {
      if message.isWhole { view.fault("unknown type of message: \(content.words(token))") }
      view.json("payload", outline.member("payload", content), content)
      return .shown
    }
    if message.isWhole, outline.isComplete { check(type, id, message, content, outline, &view) }
    if outline.fault == .tooDeep { view.leaveOut() }
    show(type, id, outline.member("payload", content)?.unlessNull, message, content, &view)
    if message.isCut { view.say("(cut by --max-payload)") }
    return .shown
  }

  private func check(
    _ type: GraphQLMessage, _ id: JSONToken?, _ message: ViewedMessage, _ content: RawSpan,
    _ outline: borrowing JSONOutline, _ view: inout ViewWriter
  ) {
    let payload = outline.member("payload", content)
    if let isFromClient = type.isFromClient, isFromClient != message.isFromClient {
      view.fault("\(type.rawValue) is sent by \(message.isFromClient ? "servers" : "clients")")
    }
    if let isOld, let wanted = type.isOld, isOld != wanted {
      view.fault("\(type.rawValue) is no message of \(isOld ? "graphql-ws" : "graphql-transport-ws")")
      if isOld { self.isOld = false }
    }
    // AppSync does not always know which operation an error is of.
    let needsID = type.hasID || type == .error && !(isOld == true && Self.hasErrors(payload, content))
    if needsID, id == nil { view.fault("\(type.rawValue) without an id") }
    if isOld == false, needsID, let id, id.kind != .string { view.fault("the id is no string") }
    if type.needsPayload, payload == nil { view.fault("\(type.rawValue) without a payload") }
  }

  private func show(
    _ type: GraphQLMessage, _ id: JSONToken?, _ payload: JSONToken?, _ message: ViewedMessage, _ content: RawSpan,
    _ view: inout ViewWriter
  ) {
    switch type {
    case .subscribe, .start: showOperation(id, payload, message, content, &view)
    case .next, .data: showResult(id, payload, content, &view)
    case .error: showError(id, payload, content, &view)
    case .complete, .stop: showEnd(id, message, content, &view)
    case .startAck: if let id { link(id, content, isLast: false, &view) }
    default:
      if let name = type.asks { view.request(name.utf8Span.span.bytes, type.rawValue) }
      if let name = type.answers {
        view.reply(name.utf8Span.span.bytes, isError: type == .connectionError)
      }
      view.json("payload", payload, content)
      view.say(payload, content)
    }
  }

  // MARK: Operations

  private func showOperation(
    _ id: JSONToken?, _ payload: JSONToken?, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    guard let payload else { return }
    inner.read(content, payload.range)
    // AppSync has the operation as a JSON text in a string.
    if let text = inner.string("data", content), inner.member("query", content) == nil {
      let unquoted = JSONText.utf8(content, text)
      let extensions = inner.member("extensions", content)
      inner.read(unquoted.span.bytes)
      let operation = showOperation(unquoted.span.bytes, message, &view)
      view.json("extensions", extensions, content)
      return remember(operation, id, content, &view)
    }
    let operation = showOperation(content, message, &view)
    view.json("extensions", inner.member("extensions", content)?.unlessNull, content)
    remember(operation, id, content, &view)
  }

  /// Shows the operation whose members `inner` has.
  private func showOperation(
    _ content: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter
  ) -> Operation {
    let query = inner.string("query", content)
    let wanted = inner.string("operationName", content).map { content.words($0) }
    var operation = Operation(kind: "operation", name: wanted, label: "operation", message: message.number)
    if let query {
      let text = JSONText.utf8(content, query)
      let document = GraphQLDocument(text.span.bytes, named: wanted)
      operation.name = document.name ?? wanted
      operation.kind = document.operation ?? operation.kind
      operation.label = operation.kind
      if let kind = document.operation { view.text("operation", kind) }
      if operation.name == nil, let field = document.field { operation.label += " {\(field)}" }
    } else if message.isWhole, inner.isComplete, !inner.has("extensions", content) {
      view.fault("an operation without a query")
    }
    if let name = operation.name {
      operation.label += " \(name)"
      view.text("operation_name", name)
    }
    view.say(operation.label)
    view.json("query", query, content)
    let variables = inner.member("variables", content)?.unlessNull
    view.json("variables", variables, content)
    view.say(variables, content)
    return operation
  }

  private func remember(_ operation: Operation, _ id: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let id else { return }
    view.request(id, content, operation.label)
    if operations.count >= Self.mostOperations { operations.removeAll() }
    operations[content.words(id)] = operation
  }

  /// Links a message to its operation, of which it says what it is.
  private func link(
    _ id: JSONToken, _ content: RawSpan, isError: Bool = false, isLast: Bool, _ view: inout ViewWriter
  ) {
    guard let label = view.reply(id, content, isError: isError, isLast: isLast) else { return }
    view.say("of \(label)")
    guard let operation = operations[content.words(id)] else { return }
    view.text("operation", operation.kind)
    if let name = operation.name { view.text("operation_name", name) }
    if isLast { operations[content.words(id)] = nil }
  }

  // MARK: Results

  private func showResult(_ id: JSONToken?, _ payload: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let payload, payload.kind == .objectBegin else {
      if let id { link(id, content, isLast: false, &view) }
      view.json("payload", payload, content)
      return
    }
    inner.read(content, payload.range)
    let data = inner.member("data", content)
    let errors = inner.member("errors", content)?.unlessNull
    if let id { link(id, content, isError: errors != nil, isLast: false, &view) }
    view.json("data", data, content)
    view.say(data?.unlessNull, content)
    if let errors {
      view.json("errors", errors, content)
      view.say("errors")
      view.say(errors, content)
    }
    view.json("extensions", inner.member("extensions", content)?.unlessNull, content)
    if data == nil, errors == nil { view.json("payload", payload, content) }
  }

  private func showError(_ id: JSONToken?, _ payload: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    if let id { link(id, content, isError: true, isLast: true, &view) }
    guard let payload else { return }
    view.say(payload, content)
    if payload.kind == .arrayBegin { return view.json("errors", payload, content) }
    if payload.kind == .objectBegin {
      inner.read(content, payload.range)
      if let list = inner.member("errors", content), list.kind == .arrayBegin {
        return view.json("errors", list, content)
      }
    }
    view.array("errors")
    view.json(nil, payload, content)
    view.close()
  }

  /// `complete` ends an operation, for either side; `stop` asks for that.
  private func showEnd(_ id: JSONToken?, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let id else { return }
    guard message.isFromClient else { return link(id, content, isLast: true, &view) }
    guard let operation = operations[content.words(id)] else { return }
    view.say("of \(operation.label)")
    view.text("operation", operation.kind)
    if let name = operation.name { view.text("operation_name", name) }
    view.integer("cancels", operation.message)
  }
}
