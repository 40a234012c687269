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
      ViewField("lost", .boolean, "true if it cannot be inflated, as a message before it is missing or damaged"),
    ])

  /// The stream of one direction.
  private final class Side {
    enum State { case unknown, plain, compressed(PayloadInflater), lost }
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
      guard memory.take(PayloadInflater.cost) else { return state = .lost }
      state = .compressed(PayloadInflater(isGzip: false))
    }

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

  init(_ context: ViewContext) {
    ofClient = Side(context.memory)
    ofServer = Side(context.memory)
    carried = CarriedMessages(context)
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
    var output: [UInt8] = []
    let end = PayloadInflater(isGzip: false).inflate(content, into: &output)
    return (end == .input || end == .full) && !output.isEmpty ? 0.97 : 0
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    let side = message.isFromClient ? ofClient : ofServer
    if !message.isText, case .unknown = side.state {
      if PayloadInflater.isZlib(content) { side.begin() } else { side.state = .plain }
    }
    view.say("zlib stream")
    switch side.state {
    case _ where message.isText, .unknown, .plain:
      view.boolean("compressed", false)
      carried.showOrSay(message, content, into: &view)
    case .lost:
      view.boolean("lost", true)
      view.say("(a message before it is missing)")
    case .compressed(let inflater): read(message, content, side, inflater, &view)
    }
    return .shown
  }

  private func read(
    _ message: ViewedMessage, _ content: RawSpan, _ side: Side, _ inflater: PayloadInflater, _ view: inout ViewWriter
  ) {
    var output: [UInt8] = []
    let end = inflater.inflate(content, into: &output, most: PayloadInflater.mostInflated)
    let isOver = end == .over(left: 0)
    guard message.isWhole, end == .input || isOver else {
      side.end(.lost)
      if message.isWhole, end == .damaged { view.fault("the compressed data is damaged") }
      view.boolean("lost", true)
      return view.say("(it cannot be inflated)")
    }
    if !side.held.append(output.span.bytes, 0..<output.count, from: message.number) { side.isCut = true }
    guard side.isFlushed(behind: content) || isOver else {
      if side.first == 0 { side.first = message.number }
      view.boolean("continues", true)
      return view.say("…")
    }
    if side.first != 0 { view.integer("first_message", side.first) }
    let isWhole = !side.isCut && output.count < PayloadInflater.mostKept
    let bytes = side.isCut ? output : side.held.bytes
    // After the end of a stream, another may begin.
    if isOver { side.end(.unknown) } else { side.endUnit() }
    view.inflated(message, bytes, isWhole: isWhole, carried)
  }
}
