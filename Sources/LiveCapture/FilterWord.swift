/// A word of a filter, or one of its marks.
struct FilterWord: Equatable {
  /// What it says.
  var text: String
  /// Where it stands, in characters.
  var place: Range<Int>

  /// The words and marks of `filter`.
  static func all(in filter: String) -> [FilterWord] {
    var words: [FilterWord] = []
    var current = FilterWord(text: "", place: 0..<0)
    func finish(at end: Int) {
      if !current.text.isEmpty {
        current.place = current.place.lowerBound..<end
        words.append(current)
      }
      current = FilterWord(text: "", place: 0..<0)
    }
    for (i, character) in filter.enumerated() {
      if character.isWhitespace {
        finish(at: i)
      } else if "()[]!&|<>=+*/^%~".contains(character) {
        let isPair = "&|<>=!".contains(character) && current.text.count == 1 && "&|<>=!".contains(current.text)
        if isPair {
          current.text.append(character)
        } else {
          finish(at: i)
          current = FilterWord(text: String(character), place: i..<i + 1)
        }
        if !"&|<>=!".contains(character) || isPair { finish(at: i + 1) }
      } else {
        if let first = current.text.first, "&|<>=!".contains(first) { finish(at: i) }
        if current.text.isEmpty { current.place = i..<i + 1 }
        current.text.append(character)
      }
    }
    finish(at: filter.count)
    return words
  }

  /// Whether it may be the name of a host, which libpcap would look for.
  var mayBeName: Bool {
    guard text.contains(where: \.isLetter), !text.hasPrefix("0x") else { return false }
    let isAddress = text.contains(":") && text.allSatisfy { $0.isHexDigit || $0 == ":" }
    return !isAddress && !Self.keywords.contains(text)
  }

  /// What the name of a host may follow.
  static let beforeHosts: Set<String> = [
    "host", "src", "dst", "net", "gateway", "and", "or", "not", "&&", "||", "!", "(",
  ]

  private static let keywords: Set<String> = [
    "action", "aarp", "ah", "and", "arp", "atalk", "broadcast", "byte", "dir", "direction", "dst", "esp", "ether",
    "fddi",
    "gateway", "geneve", "greater", "host", "icmp", "icmp6", "ifindex", "igmp", "igrp", "inbound", "ip", "ip6",
    "ip6ntrans",
    "len", "less", "link", "llc", "mask", "mpls", "multicast", "net", "not", "on", "or", "outbound", "pim", "port",
    "portrange", "ppp", "pppoed", "pppoes", "proto", "protochain", "radio", "rarp", "sctp", "slip", "src", "subnet",
    "tcp",
    "tcp-ack", "tcp-fin", "tcp-push", "tcp-rst", "tcp-syn", "tcp-urg", "tcpflags", "tr", "type", "udp", "vlan", "vrrp",
    "wlan",
  ]
}
