import Transport

/// Addresses, networks and endpoints as text.
enum AddressText {
  /// `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`; where there may be a port, also `10.0.0.1:80` and `[::1]:80`.
  static func literal(_ word: String, withPort: Bool) -> Literal? {
    if let slash = word.firstIndex(of: "/") {
      let digits = word[word.index(after: slash)...]
      guard let address = address(word[..<slash]), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
        let bits = Int(digits), bits <= (address.isV6 ? 128 : 32)
      else { return nil }
      return .network(address, bits)
    }
    if let address = address(Substring(word)) { return .address(address) }
    guard withPort, let colon = word.lastIndex(of: ":") else { return nil }
    var host = word[..<colon]
    let digits = word[word.index(after: colon)...]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard let address = address(host), digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits)
    else {
      return nil
    }
    return .endpoint(Endpoint(address, port: port))
  }

  /// An IPv4 or IPv6 address.
  static func address(_ text: Substring) -> IPAddress? {
    text.contains(":") ? v6(text) : v4(text).map { IPAddress(v4: $0) }
  }

  private static func v4(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isNumber }), let byte = UInt8(part)
      else {
        return nil
      }
      value = value << 8 | UInt32(byte)
    }
    return value
  }

  private static func v6(_ text: Substring) -> IPAddress? {
    var text = String(text)
    if let dot = text.firstIndex(of: "."), let colon = text[..<dot].lastIndex(of: ":") {  // ::ffff:10.0.0.1
      guard let tail = v4(text[text.index(after: colon)...]) else { return nil }
      text = "\(text[...colon])\(String(tail >> 16, radix: 16)):\(String(tail & 0xFFFF, radix: 16))"
    }
    let isShort = text.contains("::")
    let halves = isShort ? split(text) : [text]
    guard halves.count <= 2, let head = groups(halves[0]), let tail = groups(halves.count > 1 ? halves[1] : "") else {
      return nil
    }
    let count = head.count + tail.count
    guard isShort ? count < 8 : count == 8 else { return nil }
    let all = head + Array(repeating: 0, count: 8 - count) + tail
    func word(_ groups: ArraySlice<UInt16>) -> UInt64 { groups.reduce(0) { $0 << 16 | UInt64($1) } }
    return IPAddress(high: word(all[..<4]), low: word(all[4...]))
  }

  /// What stands around the first `::`.
  private static func split(_ text: String) -> [String] {
    var i = text.startIndex
    while i < text.endIndex {
      if text[i...].hasPrefix("::") { return [String(text[..<i]), String(text[i...].dropFirst(2))] }
      i = text.index(after: i)
    }
    return [text]
  }

  private static func groups(_ text: String) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
        let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups
  }
}
