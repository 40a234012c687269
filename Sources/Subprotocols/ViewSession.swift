import Bytes

/// A view, and what is asked of its description for each message.
final class ReadyView {
  let view: any PayloadView
  let type: any PayloadView.Type
  let name: String
  /// How its JSON begins.
  let opening: [UInt8]
  let specification: String
  let readsOutline: Bool

  init(_ type: any PayloadView.Type, _ context: ViewContext) {
    view = type.init(context)
    self.type = type
    let description = type.description
    name = description.name
    opening = Array("{\"name\":\"\(name)\"".utf8)
    specification = description.specification
    readsOutline = description.readsOutline
  }
}

/// The views of one connection: which one its messages are for, and what they mean.
///
/// The subprotocol that was agreed on counts most, then what the request was for, then what the messages look like. A view that was
/// chosen stays until three messages in a row are foreign to it; where it was agreed on, only if it has never understood one, and then
/// a message that says itself what it is needs no second. A name that stands for a mere format, such as `json`, leaves open what the
/// messages say in it.
final class ViewSession {
  /// How sure it must be that a message is for a view: 0.75.
  static let least = 0.75
  /// The same where the handshake points to the view.
  static let leastIfExpected = 0.4
  /// How sure it must be that a payload is of a kind: 0.5.
  static let leastOfKind = 0.5
  /// The same where another view was agreed on, or a format.
  static let leastInstead = 0.95
  /// How near the second likeliest may be, where neither is sure: the message is ambiguous then.
  static let mostAmbiguous = 0.05
  /// Foreign messages in a row that a view may have.
  static let mostForeign = 3
  /// Messages that are looked at closely while no view is chosen; of later ones, each sixteenth.
  static let closeLooks = 16

  /// How a view came to be chosen.
  private enum Basis: Equatable {
    /// The user, or the handshake, says so.
    case told
    /// Messages look like it.
    case content(Double)
  }

  private var chosen: ReadyView?
  /// Whether what was agreed on is a mere format.
  private var isFormat = false
  /// What the messages follow.
  private(set) var specification = ""
  private var basis = Basis.told
  /// The view that the request points to, and how likely that makes it.
  private var expected: (view: ObjectIdentifier, likelihood: Double)?
  private let context: ViewContext
  private let memory: ViewMemory
  private let pending: PendingRequests
  private var foreign = 0
  private var shown: UInt64 = 0
  private var looks = 0
  private let isForced: Bool

  init(_ context: ViewContext, forced: (any PayloadView.Type)? = nil) {
    self.context = context
    memory = context.memory
    pending = PendingRequests(context.memory)
    isForced = forced != nil
    if let forced {
      var told = context
      told.isForced = true
      chosen = ReadyView(forced, told)
      return
    }
    if let name = context.subprotocol?.lowercased(), let type = PayloadViews.agreed(on: name) {
      chosen = ReadyView(type, context)
      isFormat = PayloadViews.kinds.contains { $0 == type }
    } else if let target = context.target {
      expected = PayloadViews.expected(for: target).map { (ObjectIdentifier($0.view), $0.likelihood) }
    }
  }

  /// Whether nothing but what was agreed on speaks for the view that was chosen, and a message speaks against it.
  private var isRefuted: Bool { chosen != nil && !isForced && basis == .told && shown == 0 && foreign > 0 }

  /// Messages of the client, or of the server, are missing.
  func lose(ofClient: Bool) { chosen?.view.lose(ofClient: ofClient) }

  /// Number of the message in which something of the client, or of the server, began that is not over; nil if all is.
  func unfinished(ofClient: Bool) -> UInt64? { chosen?.view.unfinished(ofClient: ofClient) }

  /// Whether it knows more than a new one would.
  var isNeeded: Bool { chosen != nil || expected != nil || context.subprotocol != nil }

  /// Reads a message; nil where nothing is to be said of it. `outline` is used in between.
  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: inout JSONOutline, _ writer: inout ViewWriter
  ) -> Bool {
    if writer.pending !== pending { writer.pending = pending }
    let isJSON = Self.mayBeJSON(content)
    if isJSON, chosen == nil, !isLookedAt, !memory.namesPlainJSON {
      looks += 1
      return false
    }
    var isOutlined = false
    if let chosen {
      if isJSON, chosen.readsOutline || isFormat {
        outline.read(content)
        isOutlined = true
      } else {
        outline.removeAll()
      }
      if isFormat, choose(message, content, outline, least: Self.leastInstead) { isFormat = false }
      if let chosen = self.chosen, read(chosen, message, content, outline, &writer) { return true }
    }
    if !isOutlined { if isJSON { outline.read(content) } else { outline.removeAll() } }
    if chosen == nil, choose(message, content, outline, least: Self.least), let chosen {
      if read(chosen, message, content, outline, &writer) { return true }
    }
    if isRefuted, choose(message, content, outline, least: Self.leastInstead), let chosen {
      if read(chosen, message, content, outline, &writer) {
        writer.fault("another subprotocol was agreed on")
        return true
      }
    }
    return isForced ? false : readKind(message, content, outline, &writer)
  }

  private func read(
    _ chosen: ReadyView, _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline,
    _ writer: inout ViewWriter
  ) -> Bool {
    specification = chosen.specification
    var confidence: Double?
    if case .content(let value) = basis, value < 1 { confidence = value }
    writer.begin(chosen, confidence: confidence, message)
    if chosen.view.read(message, content, outline, into: &writer) == .shown {
      writer.finish()
      foreign = 0
      shown += 1
      return true
    }
    takeForeign(message, &writer)
    return false
  }

  /// A message is foreign to the view that was chosen.
  private func takeForeign(_ message: ViewedMessage, _ writer: inout ViewWriter) {
    writer.faults.removeAll()
    foreign += 1
    if basis == .told, !isForced, message.isWhole { writer.fault("no message of this protocol") }
    guard foreign >= Self.mostForeign, !isForced, basis != .told || shown == 0 else { return }
    chosen = nil
    foreign = 0
  }

  /// Whether the next message is looked at closely, while no view is chosen.
  private var isLookedAt: Bool { looks < Self.closeLooks || looks % 16 == 15 }

  private var hasUnknownName: Bool { context.subprotocol != nil && basis == .told && chosen == nil && shown == 0 }

  /// Looks for the view that the message is for, of which it must be sure to `least`; false if there is none.
  private func choose(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, least: Double
  ) -> Bool {
    let isLookedAt = isLookedAt
    looks += 1
    guard isLookedAt else { return false }
    // The name of a protocol that is not known here speaks for that one.
    let least = hasUnknownName ? max(least, Self.leastInstead) : least
    var best: (type: any PayloadView.Type, likelihood: Double)?
    var second = 0.0
    for type in PayloadViews.protocols {
      let likelihood = type.likelihood(of: message, content, outline)
      guard likelihood > 0 else { continue }
      let isExpected = ObjectIdentifier(type) == expected?.view
      guard likelihood >= (isExpected ? Self.leastIfExpected : least) else { continue }
      let weight = isExpected ? 1 - (1 - likelihood) * (1 - (expected?.likelihood ?? 0)) : likelihood
      if weight > best?.likelihood ?? 0 {
        second = best?.likelihood ?? 0
        best = (type, weight)
      } else {
        second = max(second, weight)
      }
    }
    guard let best, best.likelihood == 1 || best.likelihood - second > Self.mostAmbiguous else { return false }
    chosen = ReadyView(best.type, context)
    basis = .content(best.likelihood)
    (foreign, shown) = (0, 0)
    return true
  }

  /// Shows what kind of payload it is, where no protocol is known.
  private func readKind(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, _ writer: inout ViewWriter
  ) -> Bool {
    var best: ReadyView?
    var most = 0.0
    for kind in memory.kinds {
      let likelihood = kind.type.likelihood(of: message, content, outline)
      if likelihood >= Self.leastOfKind, likelihood > most { (best, most) = (kind, likelihood) }
      if likelihood == 1 { break }
    }
    guard let best else { return false }
    let faults = writer.faults
    writer.begin(best, confidence: most < 1 ? most : nil, message)
    let reading = best.view.read(message, content, outline, into: &writer)
    writer.faults = faults
    guard reading == .shown else { return false }
    writer.finish()
    return true
  }

  private static func mayBeJSON(_ content: RawSpan) -> Bool {
    var i = 0
    while i < content.byteCount {
      switch content.u8(i) {
      case 0x7B, 0x5B: return true
      case 0x20, 0x09, 0x0A, 0x0D: i += 1
      default: return false
      }
    }
    return false
  }
}
