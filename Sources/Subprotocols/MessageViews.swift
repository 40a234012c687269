import Bytes

/// Which views are made.
public struct ViewOptions: Equatable, Sendable {
  /// Whether any are.
  public var isOn = true
  /// The name of the view that all messages are for; nil: each is recognised.
  public var forced: String?
  /// Whether `MessageView.line` is written: where nobody looks at it, it need not be. The JSON always is, as parts of the line come from it.
  public var writesLine = true
  /// Whether JSON of which no more is known has a view, as all other formats have.
  public var namesPlainJSON = true

  /// The defaults.
  public init(isOn: Bool = true, forced: String? = nil) {
    self.isOn = isOn
    self.forced = forced
  }
}

/// The views of all connections.
///
/// What was learnt of a connection is kept until it ends. Of more than `mostSessions` that speak at the same time, those that have
/// been silent longest are forgotten, and recognised anew when they speak again.
public struct MessageViews: ~Copyable {
  /// Connections that are remembered at least; twice as many at most.
  public static let mostSessions = 32_768

  private let forced: (any PayloadView.Type)?
  private let memory = ViewMemory()
  private var writer: ViewWriter
  private var outline = JSONOutline()
  /// Those that spoke lately, and those that did before.
  private var young: [UInt64: ViewSession] = [:]
  private var old: [UInt64: ViewSession] = [:]
  /// The one that spoke last; 0 for none.
  private var lastNumber: UInt64 = 0
  private var lastSession: ViewSession?
  /// What the message that was read last breaks of the rules of its protocol, in words.
  public private(set) var faults: [String] = []
  /// Connections of which something was forgotten.
  public private(set) var forgotten: UInt64 = 0

  /// Bytes that are held for messages to come.
  public var held: Int { memory.held }

  /// Views as `options` ask for them.
  public init(_ options: ViewOptions) {
    forced = options.forced.flatMap { PayloadViews.named($0) }
    writer = ViewWriter(options)
    memory.namesPlainJSON = options.namesPlainJSON
  }

  /// The connection `number` begins.
  public mutating func begin(_ number: UInt64, subprotocol: String?, target: String?) {
    guard forced == nil, subprotocol != nil || target != nil else { return }
    let context = ViewContext(subprotocol: subprotocol, target: target.map { RequestTarget($0) }, memory: memory)
    store(ViewSession(context), number)
  }

  /// What the client, or the server, of the connection `number` began in its messages and did not bring to its end, in a few words;
  /// nil if there is nothing, or not enough is known.
  public func unfinished(_ number: UInt64, ofClient: Bool) -> String? {
    guard let session = young[number] ?? old[number] else { return nil }
    return session.unfinished(ofClient: ofClient).map {
      "\(session.specification): what begins in message \($0) is not over when its sender closes the connection"
    }
  }

  /// The connection `number` is over.
  public mutating func end(_ number: UInt64) {
    if lastNumber == number { (lastNumber, lastSession) = (0, nil) }
    young[number] = nil
    if !old.isEmpty { old[number] = nil }
  }

  /// What a message of the connection `number` means; nil if there is nothing to say.
  public mutating func read(_ message: ViewedMessage, of number: UInt64, _ content: RawSpan) -> MessageView? {
    let session = session(number)
    if !faults.isEmpty { faults.removeAll() }
    let isShown = session.read(message, content, &outline, &writer)
    if !writer.faults.isEmpty {
      faults = writer.faults.map { "\(session.specification): \($0)" }
      writer.faults.removeAll()
    }
    return isShown ? writer.take() : nil
  }

  /// Messages of the client, or of the server, of the connection `number` are missing.
  public mutating func lose(_ number: UInt64, ofClient: Bool) {
    (young[number] ?? old[number])?.lose(ofClient: ofClient)
  }

  /// Gives back the memory of a view that is used no more.
  public mutating func reuse(_ view: consuming MessageView) { writer.reuse(view) }

  private mutating func session(_ number: UInt64) -> ViewSession {
    if lastNumber == number, let lastSession { return lastSession }
    let session: ViewSession
    if let known = young[number] {
      session = known
    } else {
      session = old.removeValue(forKey: number) ?? ViewSession(ViewContext(memory: memory), forced: forced)
      store(session, number)
    }
    (lastNumber, lastSession) = (number, session)
    return session
  }

  private mutating func store(_ session: ViewSession, _ number: UInt64) {
    if young.count >= Self.mostSessions {
      for session in old.values where session.isNeeded { forgotten += 1 }
      old = young
      young = [:]
    }
    young[number] = session
  }
}
