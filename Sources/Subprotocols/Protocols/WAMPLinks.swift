import Bytes

/// How the messages of a WAMP session belong together: requests and their replies, and the names behind ids.
extension WAMP {
  private typealias Number = WAMPLayout.Number

  /// Links a message whose needed parts are all there.
  func link(
    _ next: WAMPMessage, _ layout: WAMPLayout, _ type: UInt64, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    switch type {
    case Number.hello:
      beginSession()
      isOpening = true
      view.request(key(type, 0), "HELLO")
    case Number.challenge: view.request(key(type, 0), "CHALLENGE")
    case Number.authenticate: view.reply(key(Number.challenge, 0))
    case Number.welcome:
      if !isOpening { beginSession() }
      isOpening = false
      view.reply(key(Number.hello, 0))
    case Number.abort:
      // The router refuses the session, or the client what it was asked to prove.
      if view.reply(key(Number.hello, 0), isError: true) == nil { view.reply(key(Number.challenge, 0), isError: true) }
    case Number.error: linkError(next, &view)
    case Number.invocation: linkInvocation(next, content, &view)
    case Number.event:
      let topic = next.text("topic", in: next[3], content) ?? names[.subscription, id(next, 1)]
      show("topic", topic, &view)
      if topic == nil { view.say("subscription \(id(next, 1))") }
    default: if let id = next[1]?.number { link(next, layout, type, id, content, &view) }
    }
  }

  /// What was learnt of the session before counts no more.
  private func beginSession() {
    session += 1
    names.removeAll()
  }

  private func link(
    _ next: WAMPMessage, _ layout: WAMPLayout, _ type: UInt64, _ id: UInt64, _ content: RawSpan,
    _ view: inout ViewWriter
  ) {
    let uri = next.text(next[3], content) ?? ""
    switch type {
    case Number.publish where !next.isTrue("acknowledge", in: next[2], content): return
    case Number.call where names[.request, id] != nil: return  // one more part of a progressive call
    case Number.publish, Number.call, Number.subscribe, Number.register:
      names.remember(uri, .request, id)
      view.request(key(type, id), "\(layout.name) \(uri)")
    case Number.unsubscribe: linkEnd(layout, type, id, "topic", names[.subscription, self.id(next, 2)], &view)
    case Number.unregister: linkEnd(layout, type, id, "procedure", names[.registration, self.id(next, 2)], &view)
    case Number.unsubscribed where id == 0:
      let subscription = next.number("subscription", in: next[2], content) ?? 0
      show("topic", names.forget(.subscription, subscription), &view)
    case Number.unregistered where id == 0:
      let registration = next.number("registration", in: next[2], content) ?? 0
      show("procedure", names.forget(.registration, registration), &view)
    case Number.published: linkReply(Number.publish, id, "topic", &view)
    case Number.subscribed: linkReply(Number.subscribe, id, "topic", .subscription, self.id(next, 2), &view)
    case Number.registered: linkReply(Number.register, id, "procedure", .registration, self.id(next, 2), &view)
    case Number.unsubscribed: linkReply(Number.unsubscribe, id, "topic", &view)
    case Number.unregistered: linkReply(Number.unregister, id, "procedure", &view)
    case Number.result:
      let isLast = !next.isTrue("progress", in: next[2], content)
      view.reply(key(Number.call, id), isLast: isLast)
      show("procedure", isLast ? names.forget(.request, id) : names[.request, id], &view)
    case Number.yield:
      let isLast = !next.isTrue("progress", in: next[2], content)
      view.reply(key(Number.invocation, id), isLast: isLast)
      show("procedure", isLast ? names.forget(.invocation, id) : names[.invocation, id], &view)
    default: return
    }
  }

  private func linkError(_ next: WAMPMessage, _ view: inout ViewWriter) {
    guard let type = next[1]?.number, let id = next[2]?.number else { return }
    view.reply(key(type, id), isError: true)
    let isOfTopic = [Number.publish, Number.subscribe, Number.unsubscribe].contains(type)
    show(isOfTopic ? "topic" : "procedure", names.forget(type == Number.invocation ? .invocation : .request, id), &view)
  }

  private func linkInvocation(_ next: WAMPMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    let id = id(next, 1)
    let procedure = next.text("procedure", in: next[3], content) ?? names[.registration, self.id(next, 2)]
    show("procedure", procedure, &view)
    if procedure == nil { view.say("registration \(self.id(next, 2))") }
    if names[.invocation, id] == nil { view.request(key(Number.invocation, id), "INVOCATION \(procedure ?? "")") }
    if let procedure { names.remember(procedure, .invocation, id) }
  }

  /// A subscription or registration is to end: the name is that of its own.
  private func linkEnd(
    _ layout: WAMPLayout, _ type: UInt64, _ id: UInt64, _ field: StaticString, _ name: String?, _ view: inout ViewWriter
  ) {
    show(field, name, &view)
    if let name { names.remember(name, .request, id) }
    view.request(key(type, id), "\(layout.name) \(name ?? "")")
  }

  private func linkReply(_ type: UInt64, _ id: UInt64, _ field: StaticString, _ view: inout ViewWriter) {
    view.reply(key(type, id))
    show(field, names.forget(.request, id), &view)
  }

  /// A reply that gives an id to the name that was asked for.
  private func linkReply(
    _ type: UInt64, _ id: UInt64, _ field: StaticString, _ kind: WAMPNames.Kind, _ given: UInt64,
    _ view: inout ViewWriter
  ) {
    view.reply(key(type, id))
    guard let name = names.forget(.request, id) else { return }
    show(field, name, &view)
    names.remember(name, kind, given)
  }

  private func show(_ field: StaticString, _ name: String?, _ view: inout ViewWriter) {
    guard let name else { return }
    view.text(field, name)
    view.say(name)
  }

  private func id(_ next: WAMPMessage, _ index: Int) -> UInt64 { next[index]?.number ?? 0 }

  /// What stands for the request `id` of this type, in this session.
  private func key(_ type: UInt64, _ id: UInt64) -> String { "\(session) \(type) \(id)" }
}

extension ViewWriter {
  fileprivate mutating func request(_ id: String, _ label: String) { request(id.utf8Span.span.bytes, label) }

  @discardableResult
  fileprivate mutating func reply(_ id: String, isError: Bool = false, isLast: Bool = true) -> String? {
    reply(id.utf8Span.span.bytes, isError: isError, isLast: isLast)
  }
}
