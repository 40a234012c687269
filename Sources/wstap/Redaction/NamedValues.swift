/// Values that stand behind their names as in header fields (`passcode:secret`, to the end of the line) and forms (`password=secret`, to
/// the next `&`, `;`, quote or space).
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
    switch bytes[place - 1] {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x80...: return false
    default: return true
    }
  }

  /// Where one of the names ends that begins at `place`, before a colon or an equals sign.
  private func endOfName(_ bytes: [UInt8], _ place: Int) -> Int? {
    for name in names {
      let end = place + name.count
      guard end < bytes.count, bytes[end] == 0x3A || bytes[end] == 0x3D else { continue }
      let isSame = name.indices.allSatisfy { index in
        let byte = bytes[place + index]
        return ((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) == name[index]
      }
      if isSame { return end }
    }
    return nil
  }

  /// The value behind the sign at `sign`.
  private static func value(_ bytes: [UInt8], behind sign: Int) -> Range<Int> {
    let isLine = bytes[sign] == 0x3A
    var start = sign + 1
    while isLine, start < bytes.count, bytes[start] == 0x20 { start += 1 }
    var end = start
    loop: while end < bytes.count {
      switch bytes[end] {
      case 0x00, 0x0A, 0x0D: break loop
      case 0x20, 0x22, 0x26, 0x27, 0x3B:
        if !isLine { break loop }
        end += 1
      default: end += 1
      }
    }
    return start..<end
  }
}
