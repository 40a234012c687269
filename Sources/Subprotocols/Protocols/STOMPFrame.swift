import Bytes

/// A frame of STOMP: its parts are ranges of its bytes, which begin with its command.
struct STOMPFrame {
  /// A header, as it is written.
  struct Header {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// What is wrong with a frame, wherever its rules are the same in all versions.
  enum Fault {
    case headerWithoutColon
    case headerWithoutName
    case noBlankLine
    case lengthIsNoNumber
    case lengthIsTooLarge
    case lengthDoesNotFit

    var words: String {
      switch self {
      case .headerWithoutColon: "a header line without a colon"
      case .headerWithoutName: "a header without a name"
      case .noBlankLine: "no empty line after the headers"
      case .lengthIsNoNumber: "content-length is not a number"
      case .lengthIsTooLarge: "content-length is too large"
      case .lengthDoesNotFit: "there is no NUL where content-length says that the body ends"
      }
    }
  }

  /// Headers that are kept.
  static let mostHeaders = 256
  /// Bytes in which command and headers are looked for where it is not known that it is STOMP: 64 KiB.
  static let mostOfLook = 1 << 16
  /// Bytes that a command and its headers may have: 16 MiB.
  static let mostOfHead = 1 << 24
  /// Bytes that a command may have.
  static let mostOfCommand = 32

  var command: STOMPCommand?
  var commandName = 0..<0
  var headers: [Header] = []
  /// Headers that are not kept.
  var headersLeftOut = 0
  /// Bytes of command, headers, and the empty line that ends them.
  var headLength = 0
  /// What content-length says; nil without one.
  var contentLength: UInt64?
  var body = 0..<0
  /// Bytes of the body, also of those that are not held.
  var bodyLength: UInt64 = 0
  var faults: [Fault] = []

  /// The value of the first header called `name`; nil without one.
  func header(_ name: StaticString, _ bytes: RawSpan) -> Range<Int>? {
    headers.first { bytes.holds(name, $0.name) }?.value
  }

  /// What the first header called `name` says; nil without one.
  func text(_ name: StaticString, _ bytes: RawSpan, _ escapes: STOMPEscapes) -> [UInt8]? {
    header(name, bytes).map { escapes.decode(bytes.extracting($0)).text }
  }

  mutating func add(_ fault: Fault) { if !faults.contains(fault) { faults.append(fault) } }
}

/// The commands of STOMP 1.0 to 1.2.
enum STOMPCommand: String, CaseIterable {
  case connect = "CONNECT"
  case stomp = "STOMP"
  case connected = "CONNECTED"
  case send = "SEND"
  case subscribe = "SUBSCRIBE"
  case unsubscribe = "UNSUBSCRIBE"
  case ack = "ACK"
  case nack = "NACK"
  case begin = "BEGIN"
  case commit = "COMMIT"
  case abort = "ABORT"
  case disconnect = "DISCONNECT"
  case message = "MESSAGE"
  case receipt = "RECEIPT"
  case error = "ERROR"

  /// Whether its frames may have a body (STOMP 1.2, "Body").
  var mayHaveBody: Bool { self == .send || self == .message || self == .error }

  /// Whether its frames may ask for a receipt (STOMP 1.2, "Header receipt"). Brokers hand that header on in messages, where it asks
  /// for nothing.
  var mayAskForReceipt: Bool {
    switch self {
    case .connect, .stomp, .connected, .message, .receipt, .error: false
    default: true
    }
  }

  /// Whether the client sends such frames, and not the server.
  var isOfClient: Bool {
    switch self {
    case .connected, .message, .receipt, .error: false
    default: true
    }
  }

  /// The command whose name is `bytes`.
  init?(_ bytes: RawSpan) {
    guard (3...11).contains(bytes.byteCount) else { return nil }
    let found = Self.allCases.first { Self.holds(bytes, $0.rawValue, whole: true) }
    guard let found else { return nil }
    self = found
  }

  /// Whether a name begins with `bytes`, and is not over with them.
  static func mayBegin(with bytes: RawSpan) -> Bool { allCases.contains { holds(bytes, $0.rawValue, whole: false) } }

  private static func holds(_ bytes: RawSpan, _ name: String, whole: Bool) -> Bool {
    let utf8 = name.utf8
    guard whole ? bytes.byteCount == utf8.count : bytes.byteCount < utf8.count else { return false }
    for (i, letter) in utf8.prefix(bytes.byteCount).enumerated() where bytes.u8(i) != letter { return false }
    return true
  }
}

/// The versions of STOMP.
enum STOMPVersion: Comparable {
  case v10
  case v11
  case v12

  /// The version called `bytes`, such as `1.2`.
  init?(_ bytes: RawSpan) {
    if bytes.begins(with: "1.0") {
      self = .v10
    } else if bytes.begins(with: "1.1") {
      self = .v11
    } else if bytes.begins(with: "1.2") {
      self = .v12
    } else {
      return nil
    }
  }
}

/// How names and values of headers are written ("Value Encoding").
struct STOMPEscapes {
  /// Whether `\n`, `\c` and `\\` stand for other characters.
  var areUsed = true
  /// Whether `\r` does: since 1.2.
  var haveReturn = true
  /// Whether others break the rules.
  var areStrict = false
  /// Whether spaces around are not part of values: in 1.0.
  var areTrimmed = false

  /// What a frame of this version, nil if that is not known, and command uses.
  init(_ version: STOMPVersion?, _ command: STOMPCommand?) {
    switch command {
    case .connect, .connected: areUsed = false
    case .stomp: break
    default:
      areUsed = version != .v10
      areTrimmed = version == .v10
      areStrict = version != nil
      haveReturn = version != .v11
    }
  }

  /// What `bytes` say, and whether all their escapes are known.
  func decode(_ bytes: RawSpan) -> (text: [UInt8], isSound: Bool) {
    var range = 0..<bytes.byteCount
    if areTrimmed { range = Self.trimmed(bytes, range) }
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var isSound = true
    var i = range.lowerBound
    while i < range.upperBound {
      let byte = bytes.u8(i)
      i += 1
      guard areUsed, byte == 0x5C else {
        text.append(byte)
        continue
      }
      guard i < range.upperBound, let decoded = character(bytes.u8(i)) else {
        isSound = false
        text.append(byte)
        continue
      }
      text.append(decoded)
      i += 1
    }
    return (text, isSound || !areStrict)
  }

  private func character(_ escaped: UInt8) -> UInt8? {
    switch escaped {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "c"): 0x3A
    case UInt8(ascii: "\\"): 0x5C
    case UInt8(ascii: "r") where haveReturn: 0x0D
    default: nil
    }
  }

  /// `range` of `bytes` without spaces at its ends.
  static func trimmed(_ bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
    var range = range
    while let last = range.last, bytes.u8(last) == 0x20 { range = range.lowerBound..<last }
    while let first = range.first, bytes.u8(first) == 0x20 { range = first + 1..<range.upperBound }
    return range
  }
}
