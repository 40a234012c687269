/// Whether bytes are a JSON value (RFC 8259). They are looked at once and not kept.
struct JSONCheck {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  static func isValue(_ bytes: ArraySlice<UInt8>) -> Bool {
    var check = JSONCheck(bytes: bytes, position: bytes.startIndex)
    return check.value(depth: 0) && check.position == bytes.endIndex
  }

  private var next: UInt8 { position < bytes.endIndex ? bytes[position] : 0 }

  private mutating func takes(_ text: StaticString) -> Bool {
    for i in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[i] else { return false }
      position += 1
    }
    return true
  }

  private mutating func value(depth: Int) -> Bool {
    guard depth < 20 else { return false }
    switch next {
    case UInt8(ascii: "{"): return list("}") { $0.string() && $0.takes(":") && $0.value(depth: depth + 1) }
    case UInt8(ascii: "["): return list("]") { $0.value(depth: depth + 1) }
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "t"): return takes("true")
    case UInt8(ascii: "f"): return takes("false")
    case UInt8(ascii: "n"): return takes("null")
    default: return number()
    }
  }

  private mutating func list(_ end: StaticString, _ element: (inout JSONCheck) -> Bool) -> Bool {
    position += 1
    if takes(end) { return true }
    repeat {
      guard element(&self) else { return false }
    } while takes(",")
    return takes(end)
  }

  private mutating func number() -> Bool {
    if next == UInt8(ascii: "-") { position += 1 }
    let start = position
    guard digits() else { return false }
    if bytes[start] == UInt8(ascii: "0"), position > start + 1 { return false }
    return takes(".") ? digits() : true
  }

  private mutating func digits() -> Bool {
    let start = position
    while (0x30...0x39).contains(next) { position += 1 }
    return position > start
  }

  private mutating func string() -> Bool {
    guard takes("\"") else { return false }
    let start = position
    while next != UInt8(ascii: "\"") {
      guard next >= 0x20 else { return false }
      position += 1
      guard bytes[position - 1] == UInt8(ascii: "\\") else { continue }
      guard escape() else { return false }
    }
    position += 1
    return String(validating: bytes[start..<position - 1], as: UTF8.self) != nil
  }

  private mutating func escape() -> Bool {
    let kind = next
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return true
    case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): return true
    case UInt8(ascii: "u"):
      for _ in 0..<4 {
        guard (0x30...0x39).contains(next) || (0x61...0x66).contains(next | 0x20) else { return false }
        position += 1
      }
      return true
    default: return false
    }
  }
}
