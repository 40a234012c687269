/// Values that stand behind their names as in header fields (`passcode:secret`, to the end of the line, and of those that go on in it by
/// a space), forms (`password=secret`, to the next `&`, `;`, quote or space; or in quotes), and elements of XML
/// (`<password>secret</password>`).
struct NamedValues {
  private let names: [[UInt8]]

  /// - Parameter names: in lower case.
  init(_ names: [[UInt8]]) { self.names = names }

  /// Puts as many stars in the place of each of them.
  func hide(in bytes: inout [UInt8]) {
    var place = 0
    while place < bytes.count {
      guard Self.mayBeginName(bytes, place), let end = endOfName(bytes, place) else {
        place += 1
        continue
      }
      let value = Self.value(bytes, behind: end)
      for i in value { bytes[i] = 0x2A }
      place = max(value.upperBound, end)
    }
  }

  /// Whether what stands before `place` is no part of a word.
  private static func mayBeginName(_ bytes: [UInt8], _ place: Int) -> Bool {
    guard place > 0 else { return true }
    return !isWord(bytes[place - 1])
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x80...: true
    default: false
    }
  }

  /// Where one of the names ends that begins at `place`, before a colon or an equals sign.
  private func endOfName(_ bytes: [UInt8], _ place: Int) -> Int? {
    for name in names {
      let end = place + name.count
      guard end < bytes.count, Self.isSign(bytes, end, isElement: place > 0 && Self.beginsElement(bytes, place))
      else { continue }
      let isSame = name.indices.allSatisfy { index in
        let byte = bytes[place + index]
        return ((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) == name[index]
      }
      if isSame { return end }
    }
    return nil
  }

  private static func isSign(_ bytes: [UInt8], _ place: Int, isElement: Bool) -> Bool {
    switch bytes[place] {
    case 0x3A, 0x3D: true
    case 0x3E, 0x20, 0x09, 0x0A, 0x0D: isElement
    default: false
    }
  }

  /// Whether the name at `place` is that of an element of XML, with a prefix or without.
  private static func beginsElement(_ bytes: [UInt8], _ place: Int) -> Bool {
    var i = place - 1
    if bytes[i] == 0x3A {
      while i > 0, isWord(bytes[i - 1]) { i -= 1 }
      i -= 1
    }
    return i >= 0 && bytes[i] == 0x3C
  }

  /// The value behind the sign at `sign`.
  private static func value(_ bytes: [UInt8], behind sign: Int) -> Range<Int> {
    switch bytes[sign] {
    case 0x3A: return line(bytes, from: sign + 1)
    case 0x3D: return word(bytes, from: sign + 1)
    default: return element(bytes, from: sign)
    }
  }

  private static func line(_ bytes: [UInt8], from place: Int) -> Range<Int> {
    var start = place
    while start < bytes.count, bytes[start] == 0x20 { start += 1 }
    var end = start
    while end < bytes.count, bytes[end] != 0x00 {
      if bytes[end] == 0x0A || bytes[end] == 0x0D {
        let isPair = bytes[end] == 0x0D && end + 1 < bytes.count && bytes[end + 1] == 0x0A
        let next = end + (isPair ? 2 : 1)
        // RFC 3261 §7.3.1: lines that begin with white space go on.
        guard next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 else { break }
        end = next
      }
      end += 1
    }
    return start..<end
  }

  private static func word(_ bytes: [UInt8], from start: Int) -> Range<Int> {
    var end = start
    if start < bytes.count, bytes[start] == 0x22 || bytes[start] == 0x27 {
      end += 1
      while end < bytes.count, bytes[end] != bytes[start] { end += bytes[end] == 0x5C ? 2 : 1 }
      return start + 1..<min(end, bytes.count)
    }
    loop: while end < bytes.count {
      switch bytes[end] {
      case 0x00, 0x0A, 0x0D, 0x20, 0x22, 0x26, 0x27, 0x3B: break loop
      default: end += 1
      }
    }
    return start..<end
  }

  /// From the end of the tag to that of its end, with what is nested in it.
  private static func element(_ bytes: [UInt8], from place: Int) -> Range<Int> {
    var start = place
    while start < bytes.count, bytes[start] != 0x3E { start += 1 }
    guard start < bytes.count, bytes[start - 1] != 0x2F else { return start..<start }
    start += 1
    var (end, depth) = (start, 0)
    while end < bytes.count {
      if bytes[end] == 0x3C {
        let isEnd = end + 1 < bytes.count && bytes[end + 1] == 0x2F
        if isEnd, depth == 0 { break }
        depth += isEnd ? -1 : 1
      } else if bytes[end] == 0x3E, bytes[end - 1] == 0x2F, depth > 0 {
        depth -= 1
      }
      end += 1
    }
    return start..<end
  }
}
