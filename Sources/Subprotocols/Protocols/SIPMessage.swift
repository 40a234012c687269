import Bytes

/// A request or response of SIP (RFC 3261 §7): its parts are ranges of its bytes.
struct SIPMessage {
  /// A header field, as it is written; its value may be folded.
  struct Header {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// The first line.
  enum Start {
    case request(method: Range<Int>, uri: Range<Int>)
    case response(status: Int, reason: Range<Int>)
  }

  /// Header fields that are kept.
  static let mostHeaders = 256

  let start: Start
  private(set) var headers: [Header] = []
  /// Header fields that are not kept.
  private(set) var headersLeftOut = 0
  /// Where the body begins.
  private(set) var bodyStart = 0
  /// What breaks the rules of its form.
  private(set) var faults: [String] = []

  /// The message `bytes`; nil if its first line is not that of one.
  init?(_ bytes: RawSpan) {
    var position = Self.beginning(bytes)
    guard let line = Self.line(bytes, &position), let start = Self.start(bytes, line.range) else { return nil }
    self.start = start
    if !line.hasReturn { faults.append("a line that does not end with CR LF") }
    var isOver = false
    while let line = Self.line(bytes, &position) {
      if !line.hasReturn, faults.isEmpty { faults.append("a line that does not end with CR LF") }
      if line.range.isEmpty {
        isOver = true
        break
      }
      read(line.range, bytes)
    }
    if !isOver { faults.append("no empty line after the header") }
    bodyStart = isOver ? position : bytes.byteCount
  }

  private mutating func read(_ line: Range<Int>, _ bytes: RawSpan) {
    let first = bytes.u8(line.lowerBound)
    if first == 0x20 || first == 0x09, let last = headers.indices.last {  // folded (§7.3.1)
      let more = Self.trimmed(bytes, line)
      guard !more.isEmpty else { return }
      let value = headers[last].value
      headers[last].value = (value.isEmpty ? more.lowerBound : value.lowerBound)..<more.upperBound
      return
    }
    guard let colon = line.first(where: { bytes.u8($0) == 0x3A }), colon > line.lowerBound else {
      return add("a line of the header without a name and a colon")
    }
    guard headers.count < Self.mostHeaders else { return headersLeftOut += 1 }
    let name = Self.trimmed(bytes, line.lowerBound..<colon)
    headers.append(Header(name: name, value: Self.trimmed(bytes, colon + 1..<line.upperBound)))
  }

  private mutating func add(_ fault: String) { if !faults.contains(fault) { faults.append(fault) } }

  /// The value of the first header field called `name`, in its full form; nil without one.
  func value(_ name: StaticString, _ bytes: RawSpan) -> Range<Int>? {
    headers.first { Self.isCalled(bytes, $0.name, name) }?.value
  }

  /// The number and the method of CSeq (§20.16); nil without them.
  func sequence(_ bytes: RawSpan) -> (number: UInt64, method: Range<Int>)? {
    guard let value = value("CSeq", bytes) else { return nil }
    let end = value.first { !Self.isDigit(bytes.u8($0)) } ?? value.upperBound
    guard let number = Self.number(bytes, value.lowerBound..<end) else { return nil }
    var start = end
    while start < value.upperBound, [0x20, 0x09, 0x0D, 0x0A].contains(bytes.u8(start)) { start += 1 }
    let method = start..<value.upperBound
    return method.isEmpty || method.lowerBound == end ? nil : (number, method)
  }

  // MARK: Names

  /// Whether the header field whose name stands in `range` is `name`, in either form and in any case.
  private static func isCalled(_ bytes: RawSpan, _ range: Range<Int>, _ name: StaticString) -> Bool {
    guard range.count == 1, let full = SIPNames.full(of: bytes.u8(range.lowerBound)) else {
      return SIPNames.areSame(bytes, range, name)
    }
    return SIPNames.areEqual(full, name)
  }

  // MARK: Lines

  /// Where the first line begins: line ends before it say nothing (§7.5).
  static func beginning(_ bytes: RawSpan) -> Int {
    var i = 0
    while bytes.begins(with: "\r\n", at: i) { i += 2 }
    return i
  }

  private static func line(_ bytes: RawSpan, _ position: inout Int) -> (range: Range<Int>, hasReturn: Bool)? {
    var i = position
    while i < bytes.byteCount {
      if bytes.u8(i) == 0x0A {
        let hasReturn = i > position && bytes.u8(i - 1) == 0x0D
        let range = position..<(hasReturn ? i - 1 : i)
        position = i + 1
        return (range, hasReturn)
      }
      i &+= 1
    }
    return nil
  }

  /// The first line (§7.1, §7.2).
  private static func start(_ bytes: RawSpan, _ line: Range<Int>) -> Start? {
    guard line.count >= 11, line.count <= 1 << 16 else { return nil }
    let (first, end) = (line.lowerBound, line.upperBound)
    if SIPNames.areSame(bytes, first..<first + 8, "SIP/2.0 ") {
      guard let status = number(bytes, first + 8..<first + 11), (100...699).contains(status) else { return nil }
      guard line.count == 11 || bytes.u8(first + 11) == 0x20 else { return nil }
      return .response(status: Int(status), reason: min(first + 12, end)..<end)
    }
    guard line.count > 11, SIPNames.areSame(bytes, end - 8..<end, " SIP/2.0"),
      let space = line.first(where: { bytes.u8($0) == 0x20 }), space > first, space + 1 < end - 8
    else { return nil }
    for i in first..<space where !isToken(bytes.u8(i)) { return nil }
    for i in space + 1..<end - 8 where bytes.u8(i) <= 0x20 { return nil }
    return .request(method: first..<space, uri: space + 1..<end - 8)
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x2D, 0x2E, 0x21, 0x25, 0x2A, 0x5F, 0x2B, 0x60, 0x27, 0x7E: true  // - . ! % * _ + ` ' ~ (§25.1)
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The number that `range` holds, of up to 15 digits.
  static func number(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64? {
    guard (1...15).contains(range.count), range.upperBound <= bytes.byteCount else { return nil }
    var number: UInt64 = 0
    for i in range {
      guard isDigit(bytes.u8(i)) else { return nil }
      number = number * 10 + UInt64(bytes.u8(i) - 0x30)
    }
    return number
  }

  private static func trimmed(_ bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes.u8(start) == 0x20 || bytes.u8(start) == 0x09 { start += 1 }
    while end > start, bytes.u8(end - 1) == 0x20 || bytes.u8(end - 1) == 0x09 { end -= 1 }
    return start..<end
  }

  /// The value in `range` on one line: each fold is a space (§7.3.1).
  static func unfolded(_ bytes: RawSpan, _ range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var isFold = false
    for i in range {
      let byte = bytes.u8(i)
      if byte == 0x0A || byte == 0x0D {
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        isFold = true
      } else if !isFold {
        text.append(byte)
      } else if byte != 0x20, byte != 0x09 {
        isFold = false
        text += [0x20, byte]
      }
    }
    return text
  }
}

/// The names of SIP's header fields.
enum SIPNames {
  /// The names as they are usually written, of which any case is meant (RFC 3261 §20 and later ones).
  static let usual: [StaticString] = [
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events",
    "Authentication-Info", "Authorization", "Call-ID", "Call-Info", "Contact", "Content-Disposition",
    "Content-Encoding", "Content-Language", "Content-Length", "Content-Type", "CSeq", "Date", "Error-Info", "Event",
    "Expires", "From", "Identity", "In-Reply-To", "Max-Forwards", "MIME-Version", "Min-Expires", "Min-SE",
    "Organization", "P-Asserted-Identity", "P-Preferred-Identity", "Path", "Priority", "Privacy", "Proxy-Authenticate",
    "Proxy-Authorization", "Proxy-Require", "RAck", "Reason", "Record-Route", "Refer-Sub", "Refer-To", "Referred-By",
    "Reject-Contact", "Replaces", "Reply-To", "Request-Disposition", "Require", "Retry-After", "Route", "RSeq",
    "Server", "Service-Route", "Session-Expires", "SIP-ETag", "SIP-If-Match", "Subject", "Subscription-State",
    "Supported", "Timestamp", "To", "Unsupported", "User-Agent", "Via", "Warning", "WWW-Authenticate",
  ]

  /// The index in `usual` of the full name of the header field in `range`; nil if it is none of them.
  static func index(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
    if range.count == 1 {
      guard let full = full(of: bytes.u8(range.lowerBound)) else { return nil }
      return usual.firstIndex { areEqual($0, full) }
    }
    return usual.firstIndex { areSame(bytes, range, $0) }
  }

  /// The full name for a compact one (RFC 3261 §7.3.3 and later ones).
  static func full(of letter: UInt8) -> StaticString? {
    switch Character(UnicodeScalar(letter | 0x20)) {
    case "a": "Accept-Contact"
    case "b": "Referred-By"
    case "c": "Content-Type"
    case "d": "Request-Disposition"
    case "e": "Content-Encoding"
    case "f": "From"
    case "i": "Call-ID"
    case "j": "Reject-Contact"
    case "k": "Supported"
    case "l": "Content-Length"
    case "m": "Contact"
    case "n": "Identity-Info"
    case "o": "Event"
    case "r": "Refer-To"
    case "s": "Subject"
    case "t": "To"
    case "u": "Allow-Events"
    case "v": "Via"
    case "x": "Session-Expires"
    case "y": "Identity"
    default: nil
    }
  }

  /// Whether `a` and `b` are the same text.
  static func areEqual(_ a: StaticString, _ b: StaticString) -> Bool {
    guard a.utf8CodeUnitCount == b.utf8CodeUnitCount else { return false }
    return (0..<a.utf8CodeUnitCount).allSatisfy { a.utf8Start[$0] == b.utf8Start[$0] }
  }

  /// Whether the bytes in `range` are `name`, in any case.
  static func areSame(_ bytes: RawSpan, _ range: Range<Int>, _ name: StaticString) -> Bool {
    guard range.count == name.utf8CodeUnitCount else { return false }
    let start = name.utf8Start
    for i in 0..<range.count where lower(bytes.u8(range.lowerBound + i)) != lower(start[i]) { return false }
    return true
  }

  /// Whether the names in two ranges are the same, in any case.
  static func areSame(_ bytes: RawSpan, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where lower(bytes.u8(a.lowerBound + i)) != lower(bytes.u8(b.lowerBound + i)) { return false }
    return true
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
