import Bytes

/// One zlib stream over all messages of a direction, each of which ends where the sender flushed it, as Discord's gateway sends:
/// `compress=zlib-stream` in the URL.
final class ZlibStream: PayloadView {
  static let description = ViewDescription(
    "zlibstream", "zlib stream", specification: "RFC 1950", subprotocols: ["zlib-stream"],
    fields: [
      ViewField("compressed", .boolean, "false for a message of a direction that is not compressed"),
      ViewField("length", .number, "bytes that the message inflates to, 1 MiB at most"),
      ViewField("truncated", .boolean, "true if there is more than that"),
      ViewField("content", .json, "what it inflates to: JSON, text, or bytes; not where `carries` has it all"),
      ViewField("carries", .json, "what that means: a view of it"),
      ViewField("continues", .boolean, "true if what it holds goes on in the next message"),
      ViewField("first_message", .number, "number of the message in which it begins"),
      ViewField("lost", .boolean, "true if it cannot be inflated, as a message before it is missing, cut or damaged"),
    ])

  /// The stream of one direction.
  private final class Side {
    enum State { case unknown, plain, compressed(PayloadInflater), lost(Loss) }
    /// Why it cannot be followed.
    enum Loss { case missing, cut, damaged, limit }
    var state = State.unknown
    var held: HeldUnit
    /// Whether what is held is not all there was.
    var isCut = false
    /// Number of the message in which a unit begins that is not over; 0 without one.
    var first: UInt64 = 0
    /// The last four bytes of the stream so far.
    var tail: UInt32 = .max
    let memory: ViewMemory

    init(_ memory: ViewMemory) {
      self.memory = memory
      held = HeldUnit(memory)
    }

    /// Whether the sender flushed the stream behind `content`, which comes next: there is an empty block.
    func isFlushed(behind content: RawSpan) -> Bool {
      for i in max(content.byteCount - 4, 0)..<content.byteCount { tail = tail << 8 | UInt32(content.u8(i)) }
      return tail == 0x0000_FFFF
    }

    deinit { if case .compressed = state { memory.give(back: PayloadInflater.cost) } }

    func begin() {
      end(.unknown)
      guard memory.take(PayloadInflater.cost) else { return state = .lost(.limit) }
      state = .compressed(PayloadInflater(isGzip: false))
    }

    /// What comes next is missing.
    func lose() { if case .plain = state { endUnit() } else { end(.lost(.missing)) } }

    /// Forgets what is held of the unit that began.
    func endUnit() {
      held.removeAll()
      (isCut, first) = (false, 0)
    }

    /// The stream cannot be followed any more, or is over.
    func end(_ next: State) {
      if case .compressed = state { memory.give(back: PayloadInflater.cost) }
      state = next
      tail = .max
      endUnit()
    }
  }

  private let ofClient: Side
  private let ofServer: Side
  private let carried: CarriedMessages
  /// Whether the handshake says that there are streams, so that what is none is a fault.
  private let isAgreed: Bool

  init(_ context: ViewContext) {
    isAgreed =
      context.subprotocol?.lowercased() == "zlib-stream"
      || context.target.map { Self.likelihood(ofTarget: $0) > 0 } ?? false
    ofClient = Side(context.memory)
    ofServer = Side(context.memory)
    carried = CarriedMessages(context)
  }

  func lose(ofClient isOfClient: Bool) {
    (isOfClient ? ofClient : ofServer).lose()
    carried.lose(ofClient: isOfClient)
  }

  func unfinished(ofClient isOfClient: Bool) -> UInt64? {
    let side = isOfClient ? ofClient : ofServer
    return side.first == 0 ? nil : side.first
  }

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.parameter("compress") == "zlib-stream" ? 0.95 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, PayloadInflater.isZlib(content),
      content.u32(content.byteCount - 4) == 0x0000_FFFF
    else { return 0 }
    return beginsStream(content) ? 0.97 : 0
  }

  /// Whether `content` inflates by itself, as the beginning of a stream or all of it.
  private static func beginsStream(_ content: RawSpan) -> Bool {
    guard PayloadInflater.isZlib(content) else { return false }
    var output: [UInt8] = []
    let end = PayloadInflater(isGzip: false).inflate(content, into: &output)
    return (end == .input || end == .full || end == .over(left: 0)) && !output.isEmpty
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    let side = message.isFromClient ? ofClient : ofServer
    if !message.isText { begin(side, message, content) }
    view.say("zlib stream")
    switch side.state {
    case _ where message.isText, .unknown, .plain:
      view.boolean("compressed", false)
      carried.showOrSay(message, content, into: &view)
    case .lost(let why):
      view.boolean("lost", true)
      view.say(Self.words(why))
    case .compressed(let inflater): read(message, content, side, inflater, &view)
    }
    return .shown
  }

  /// A stream begins with the first message; and anew, where it cannot be followed, with one that is the beginning of one.
  private func begin(_ side: Side, _ message: ViewedMessage, _ content: RawSpan) {
    switch side.state {
    case .unknown: if PayloadInflater.isZlib(content) { side.begin() } else { side.state = .plain }
    case .lost: if message.isWhole, Self.beginsStream(content) { side.begin() }
    case .plain, .compressed: break
    }
  }

  private static func words(_ why: Side.Loss) -> StaticString {
    switch why {
    case .missing: "(a message before it is missing)"
    case .cut: "(a message before it is cut by --max-payload)"
    case .damaged: "(a message before it is damaged)"
    case .limit: "(too much to follow)"
    }
  }

  private func read(
    _ message: ViewedMessage, _ content: RawSpan, _ side: Side, _ inflater: PayloadInflater, _ view: inout ViewWriter
  ) {
    guard message.isWhole || message.isCut else {
      side.end(.lost(.missing))
      view.boolean("lost", true)
      return view.say("(it is not whole)")
    }
    var output: [UInt8] = []
    var end = inflater.inflate(content, into: &output, most: PayloadInflater.mostInflated)
    if end == .damaged, message.isWhole, Self.beginsStream(content) {
      side.begin()
      guard case .compressed(let inflater) = side.state else {
        return lose(side, .limit, "(too much to follow)", &view)
      }
      output = []
      end = inflater.inflate(content, into: &output, most: PayloadInflater.mostInflated)
    }
    switch end {
    case .damaged:
      if message.isWhole, isAgreed { view.fault("the compressed data is damaged") }
      lose(side, .damaged, "(it cannot be inflated)", &view)
    case .full: lose(side, .limit, "(it inflates to more than 16 MiB)", &view)
    case .over(let left) where left > 0: lose(side, .damaged, "(the stream ends within it)", &view)
    case _ where message.isCut: showCut(message, output, side, &view)
    case .input: show(message, output, side, isEnd: false, isFlushed: side.isFlushed(behind: content), &view)
    case .over: show(message, output, side, isEnd: true, isFlushed: true, &view)
    }
  }

  private func lose(_ side: Side, _ why: Side.Loss, _ words: StaticString, _ view: inout ViewWriter) {
    side.end(.lost(why))
    view.boolean("lost", true)
    view.say(words)
  }

  /// Shows the beginning of a message that is whole in the capture: what follows it in the stream cannot be inflated.
  private func showCut(_ message: ViewedMessage, _ output: [UInt8], _ side: Side, _ view: inout ViewWriter) {
    if side.first != 0 { view.integer("first_message", side.first) }
    let isHeld = !side.isCut && side.held.append(output.span.bytes, 0..<output.count, from: message.number)
    let bytes = isHeld ? side.held.bytes : output
    view.say("(cut by --max-payload; later messages need it)")
    side.end(.lost(.cut))
    view.inflated(message, bytes, isWhole: false, carried)
  }

  private func show(
    _ message: ViewedMessage, _ output: [UInt8], _ side: Side, isEnd: Bool, isFlushed: Bool, _ view: inout ViewWriter
  ) {
    if !side.held.append(output.span.bytes, 0..<output.count, from: message.number) { side.isCut = true }
    guard isFlushed else {
      if side.first == 0 { side.first = message.number }
      view.boolean("continues", true)
      return view.say("…")
    }
    if side.first != 0 { view.integer("first_message", side.first) }
    let isWhole = !side.isCut && output.count < PayloadInflater.mostKept
    let bytes = side.isCut ? output : side.held.bytes
    // After the end of a stream, another may begin.
    if isEnd { side.end(.unknown) } else { side.endUnit() }
    view.inflated(message, bytes, isWhole: isWhole, carried)
  }
}
