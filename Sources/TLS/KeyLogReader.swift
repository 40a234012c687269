import Bytes

/// A line of a key log that is none.
public struct KeyLogFault: Equatable, Sendable {
  /// What is wrong with it.
  public enum Kind: Sendable {
    /// It is not a label and two numbers in hexadecimal.
    case malformed
    /// One of its numbers has not as many bytes as its label asks for.
    case wrongLength
    /// It is longer than any line of use.
    case tooLong
    /// There is room for it only in the place of older ones (`KeyLog.limit`).
    case tooMany
  }

  /// What is wrong.
  public var kind: Kind
  /// 1-based number of the line.
  public var line: UInt64

  /// A fault of the line with the number `line`.
  public init(kind: Kind, line: UInt64) {
    self.kind = kind
    self.line = line
  }

  /// What is wrong, as words that go on after `line 3 `.
  public var description: String {
    switch kind {
    case .malformed: "is not a label and two hexadecimal numbers"
    case .wrongLength: "has a number of the wrong length"
    case .tooLong: "is longer than \(KeyLogReader.longestLine) bytes"
    case .tooMany: "and those after it take the place of the oldest: \(KeyLog.limit) secrets are kept"
    }
  }
}

extension KeyLog {
  /// Adds what a whole key log says; gives the lines that are wrong. `isEmbedded`: it stands in the capture.
  @discardableResult
  public mutating func read(_ text: RawSpan, isEmbedded: Bool = false) -> [KeyLogFault] {
    var reader = KeyLogReader(isEmbedded: isEmbedded)
    var position = 0
    var faults: [KeyLogFault] = []
    while let fault = reader.next(text, &position, into: &self) { faults.append(fault) }
    if let fault = reader.finish(into: &self) { faults.append(fault) }
    return faults
  }
}

/// Reads key logs in the format of SSLKEYLOGFILE (RFC 9850), in pieces of any size, while they grow.
public struct KeyLogReader: Sendable {
  /// Bytes of a line that are kept: the longest one of use has 229.
  static let longestLine = 4096

  /// The line that is being read, as far as it is there.
  private var line: [UInt8] = []
  private var isTooLong = false
  private var number: UInt64 = 1
  private var isFull = false
  private let isEmbedded: Bool

  /// A reader before the first line of a key log, which stands in the capture if `isEmbedded`.
  public init(isEmbedded: Bool = false) { self.isEmbedded = isEmbedded }

  /// Takes `bytes` from `position` on, until a line is wrong, or all are taken: then nil.
  public mutating func next(_ bytes: RawSpan, _ position: inout Int, into log: inout KeyLog) -> KeyLogFault? {
    while position < bytes.byteCount {
      let byte = bytes.u8(position)
      position += 1
      if byte == 0x0A || byte == 0x0D {
        let fault = endLine(into: &log)
        if byte == 0x0A { number += 1 }
        if let fault { return fault }
      } else if line.count < Self.longestLine {
        if line.isEmpty { line.reserveCapacity(Self.longestLine) }  // it never grows, so no copy stays behind
        line.append(byte)
      } else {
        isTooLong = true
      }
    }
    return nil
  }

  /// The log is over: its last line may lack an end.
  public mutating func finish(into log: inout KeyLog) -> KeyLogFault? { endLine(into: &log) }

  private mutating func endLine(into log: inout KeyLog) -> KeyLogFault? {
    defer {
      wipe(&line)
      line.removeAll(keepingCapacity: true)
      isTooLong = false
    }
    // RFC 9850 §2: empty lines and those with a # in front say nothing.
    guard let first = text.first(where: { $0 != 0x20 && $0 != 0x09 }), first != 0x23 else { return nil }
    if isTooLong { return KeyLogFault(kind: .tooLong, line: number) }
    guard let kind = read(into: &log) else { return nil }
    if kind == .tooMany {
      guard !isFull else { return nil }
      isFull = true
    }
    return KeyLogFault(kind: kind, line: number)
  }

  /// The line, without the byte order mark that some editors put in front of a file.
  private var text: ArraySlice<UInt8> {
    number == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line[...]
  }

  /// Reads the line; gives what is wrong with it.
  private func read(into log: inout KeyLog) -> KeyLogFault.Kind? {
    let words = text.split { $0 == 0x20 || $0 == 0x09 }
    guard words.count == 3, var name = Self.decode(words[1]), var value = Self.decode(words[2]) else {
      return .malformed
    }
    defer {
      wipe(&name)
      wipe(&value)
    }
    guard let label = KeyLogLabel(rawValue: String(decoding: words[0], as: UTF8.self)) else {
      return nil  // RFC 9850 §2: labels that are not known are passed over.
    }
    guard label.secretLengths.contains(value.count) else { return .wrongLength }
    let secret = Secret(value.span.bytes)
    if label == .rsa {
      guard name.count == 8 else { return .wrongLength }
      return log.add(premaster: secret, for: name.span.bytes.u64(0)) ? nil : .tooMany
    }
    guard name.count == ClientRandom.length, let random = ClientRandom(name.span.bytes) else { return .wrongLength }
    return log.add(label, random, secret, isEmbedded: isEmbedded) ? nil : .tooMany
  }

  /// The bytes that `text` says in hexadecimal; nil if it is none.
  private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard !text.isEmpty, text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
