import Bytes
import JSON

/// What a view writes: the members of a JSON object, a line for people, requests and replies, and faults.
///
/// Values are written in the order in which they are to stand. What does not fit into `most` bytes is left out, and the view says so;
/// elements of arrays are null then, as the others keep their places.
public struct ViewWriter: ~Copyable {
  /// Bytes that a view may have, and bytes of a line: 1 MiB, 4 KiB.
  public static let most = 1 << 20
  static let mostOfLine = 4096
  /// Faults that are told of one message.
  static let mostFaults = 8
  /// Bytes of a label that are kept.
  static let mostOfLabel = 128
  /// How deep objects and arrays may be nested.
  public static let mostDepth = 64

  var view = MessageView()
  var faults: [String] = []
  var pending = PendingRequests(ViewMemory())
  var message = ViewedMessage(isFromClient: true, isText: true)
  /// How many views the message came through that carry it. Those of `PayloadViews.kinds`, which all connections share, know it from
  /// here only.
  var carriers = 0
  private var needsComma = false
  private var depth = 0
  /// Objects and arrays that were opened where nothing may be written any more.
  private var dropped = 0
  private var isCut = false
  /// Whether the view itself, not a part of it, says that something is left out.
  private var hasToldCut = false
  /// Whether the line is written.
  let writesLine: Bool

  /// An empty writer, of views as `options` ask for them.
  public init(_ options: ViewOptions = ViewOptions()) {
    writesLine = options.writesLine
  }

  /// What was written, which is empty then.
  mutating func take() -> MessageView {
    var taken = MessageView()
    swap(&taken, &view)
    return taken
  }

  mutating func reuse(_ taken: consuming MessageView) { view = taken }

  mutating func begin(_ ready: borrowing ReadyView, confidence: Double?, _ message: ViewedMessage) {
    view.removeAll()
    if !faults.isEmpty { faults.removeAll() }
    (depth, dropped, isCut, hasToldCut, needsComma) = (0, 0, false, false, true)
    self.message = message
    view.name = ready.name
    view.confidence = confidence
    view.json.append(contentsOf: ready.opening)
    if let confidence {
      boolean("inferred", true)
      key("confidence")
      raw("\((confidence * 100).rounded(.down) / 100)")
    }
  }

  mutating func finish() {
    while depth > 0 { close() }
    if isCut {
      isCut = false
      tellCut()
    }
    view.json.append(0x7D)
  }

  // MARK: Names and nesting

  var hasRoom: Bool { view.json.count < Self.most && dropped == 0 }

  mutating func comma() {
    if needsComma { view.json.append(0x2C) }
    needsComma = true
  }

  mutating func key(_ name: StaticString) {
    comma()
    view.json.append(0x22)
    append(name)
    view.json.append(0x22)
    view.json.append(0x3A)
  }

  mutating func append(_ text: StaticString) {
    view.json.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func raw(_ text: String) { view.json.append(contentsOf: text.utf8) }

  /// Begins the value of the member `name`, or an element without one. False, and nothing is to be written, if there is no room.
  /// The value has `count` bytes or a few more.
  mutating func begin(_ name: StaticString?, for count: Int = 0) -> Bool {
    guard hasRoom else {
      isCut = true
      return false
    }
    guard count < Self.most - view.json.count else {
      isCut = true
      if name == nil {
        comma()
        raw("null")
      }
      return false
    }
    if let name { key(name) } else { comma() }
    return true
  }

  /// Begins the value of a member whose name came over the wire.
  private mutating func begin(named name: RawSpan, for count: Int = 0) -> Bool {
    guard hasRoom, name.byteCount + count < Self.most - view.json.count else {
      isCut = true
      return false
    }
    comma()
    if UTF8Validator.isValid(name) { quote(name) } else { quote(Self.percentEncoded(name).span.bytes) }
    view.json.append(0x3A)
    return true
  }

  /// A name that is no UTF-8: its bytes beyond ASCII as in URLs.
  static func percentEncoded(_ name: RawSpan) -> [UInt8] {
    var encoded: [UInt8] = []
    for i in 0..<name.byteCount {
      let byte = name.u8(i)
      if byte < 0x80 { encoded.append(byte) } else { encoded += "%\(String(byte, radix: 16, uppercase: true))".utf8 }
    }
    return encoded
  }

  /// Something is left out, as it passes a limit of ours; the view says so.
  mutating func leaveOut() { isCut = true }

  /// Writes the name of a member, which came over the wire: its value is written next, without a name. False if there is no room; then
  /// no value is written.
  public mutating func name(_ name: RawSpan) -> Bool {
    guard begin(named: name) else { return false }
    needsComma = false
    guard hasRoom else {
      null(nil)
      return false
    }
    return true
  }

  private mutating func open(_ isBegun: Bool, _ bracket: UInt8) {
    guard isBegun, depth < Self.mostDepth else {
      if isBegun {  // too deep
        raw("null")
        isCut = true
      }
      dropped += 1
      return
    }
    view.json.append(bracket)
    brackets[depth] = bracket
    depth += 1
    needsComma = false
  }

  private var brackets = InlineArray<64, UInt8>(repeating: 0)

  /// Begins an object: the member `name`, or an element without one. `close` ends it.
  public mutating func object(_ name: StaticString? = nil) { open(begin(name), 0x7B) }
  /// Begins an array: the member `name`, or an element without one. `close` ends it.
  public mutating func array(_ name: StaticString? = nil) { open(begin(name), 0x5B) }
  /// Begins an object that is the member called `name`, which came over the wire.
  public mutating func object(named name: RawSpan) { open(begin(named: name), 0x7B) }
  /// Begins an array that is the member called `name`, which came over the wire.
  public mutating func array(named name: RawSpan) { open(begin(named: name), 0x5B) }

  /// Ends the object or array that was begun last.
  public mutating func close() {
    if dropped > 0 {
      dropped -= 1
      return
    }
    guard depth > 0 else { return }
    depth -= 1
    view.json.append(brackets[depth] == 0x7B ? 0x7D : 0x5D)
    needsComma = true
  }

  // MARK: Values

  /// Writes text of our own.
  public mutating func text(_ name: StaticString?, _ value: String) {
    guard begin(name, for: value.utf8.count) else { return }
    quote(value.utf8Span.span.bytes)
  }

  /// Writes bytes that came over the wire: as text where they are UTF-8, as `{"base64": …}` otherwise.
  public mutating func text(_ name: StaticString?, _ bytes: RawSpan) {
    if begin(name, for: bytes.byteCount) { value(bytes) }
  }

  /// The same, for a member whose name came over the wire.
  public mutating func text(named name: RawSpan, _ bytes: RawSpan) {
    if begin(named: name, for: bytes.byteCount) { value(bytes) }
  }

  private mutating func value(_ bytes: RawSpan) {
    guard UTF8Validator.isValid(bytes) else { return base64(bytes) }
    quote(bytes)
  }

  /// Writes bytes that are no text, as `{"base64": …}`.
  public mutating func data(_ name: StaticString?, _ bytes: RawSpan) {
    guard begin(name, for: 2 * bytes.byteCount) else { return }
    base64(bytes)
  }

  private mutating func base64(_ bytes: RawSpan) {
    var writer = ByteWriter()
    writer.literal(#"{"base64":""#)
    writer.base64(bytes)
    writer.literal(#""}"#)
    writer.withBytes { view.json.append(contentsOf: $0) }
  }

  /// Writes a whole number; as text where it passes 2^53.
  public mutating func integer(_ name: StaticString?, _ value: some FixedWidthInteger) {
    guard begin(name) else { return }
    guard let magnitude = UInt64(exactly: value.magnitude), magnitude <= 1 << 53 else { return raw("\"\(value)\"") }
    if value < 0 { view.json.append(0x2D) }
    decimal(magnitude)
  }

  /// Writes `value` with `width` digits at least.
  mutating func decimal(_ value: UInt64, width: Int = 1) {
    var digits = InlineArray<20, UInt8>(repeating: 0x30)
    var (rest, place) = (value, 20)
    while rest > 0 || place > 20 - width {
      place -= 1
      digits[place] = 0x30 + UInt8(rest % 10)
      rest /= 10
    }
    for i in place..<20 { view.json.append(digits[i]) }
  }

  /// Writes a number; as text where JSON has none like it.
  public mutating func number(_ name: StaticString?, _ value: Double) {
    guard begin(name) else { return }
    raw(value.isFinite ? "\(value)" : "\"\(value)\"")
  }

  /// Writes true or false.
  public mutating func boolean(_ name: StaticString?, _ value: Bool) {
    guard begin(name) else { return }
    raw(value ? "true" : "false")
  }

  /// Says in the object that is open that something of it is left out, once.
  public mutating func tellCut() {
    if depth == 0 {
      guard !hasToldCut else { return }
      hasToldCut = true
    }
    boolean("cut", true)
  }

  /// Writes null.
  public mutating func null(_ name: StaticString?) { if begin(name) { raw("null") } }

  /// Writes the value `token` of the JSON text `bytes` as it stands there; nothing if there is none.
  public mutating func json(_ name: StaticString?, _ token: JSONToken?, _ bytes: RawSpan) {
    guard let token else { return }
    var range = token.range
    if token.kind == .string { range = max(range.lowerBound - 1, 0)..<min(range.upperBound + 1, bytes.byteCount) }
    guard begin(name, for: range.count) else { return }
    bytes.extracting(range).withUnsafeBytes { text in
      // A line break is white space there: strings have none.
      guard text.contains(where: { $0 < 0x20 }) else { return view.json.append(contentsOf: text) }
      for byte in text where byte >= 0x20 { view.json.append(byte) }
    }
  }

  /// Takes over what another view makes of what the message carries.
  mutating func carry(_ carried: borrowing MessageView) {
    view.carried += [carried.name] + carried.carried
    view.takePairs(of: carried)
    if !carried.line.isEmpty { say(carried.line.span.bytes) }
    guard begin("carries", for: carried.json.count) else { return }
    view.json.append(contentsOf: carried.json)
  }

  /// Writes bytes as a JSON string. They are UTF-8, or become it.
  private mutating func quote(_ bytes: RawSpan) {
    view.json.append(0x22)
    bytes.withUnsafeBytes { bytes in
      if !bytes.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
        view.json.append(contentsOf: bytes)
      } else {
        for byte in bytes { escape(byte) }
      }
    }
    view.json.append(0x22)
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22, 0x5C: view.json.append(contentsOf: [0x5C, byte])
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    case ..<0x20:
      append("\\u00")
      let digits: StaticString = "0123456789abcdef"
      view.json.append(digits.utf8Start[Int(byte >> 4)])
      view.json.append(digits.utf8Start[Int(byte & 15)])
    default: view.json.append(byte)
    }
  }

  // MARK: Faults

  /// The message breaks a rule of the protocol, in a few words that say which one.
  public mutating func fault(_ words: String) {
    if faults.count < Self.mostFaults { faults.append(words) }
  }
}
