import LiveCapture

extension LiveCaptureError {
  /// What is said where there is no interface at all.
  static let noneFound = "no interface found to capture from; without the right to capture, some systems show none"

  /// Everything to print on standard error, each line ended.
  var report: String {
    (["\(Manual.name): \(sentence)"] + advice).map { $0 + "\n" }.joined()
  }

  /// What went wrong, as a sentence without its full stop.
  var sentence: String {
    switch self {
    case .libraryIsMissing: "capturing needs libpcap, which is not installed"
    case .libraryLacks(let function): "the libpcap that is installed is too old: it has no \(function)"
    case .noSuchInterface(let name, _): "there is no interface \(quoted(name))"
    case .isDown(let name): "the interface \(quoted(name)) is not up"
    case .notPermitted(let name): "no permission to capture from \(quoted(name))"
    case .cannotOpen(let name, let reason): "cannot capture from \(quoted(name)): \(reason)"
    case .cannotList(let reason): "cannot list the interfaces: \(reason)"
    case .wrongFilter(let fault): "the filter cannot be used: \(fault.reason)"
    case .ended(let name, let reason): "capturing from \(quoted(name)) ended: \(reason)"
    }
  }

  private var advice: [String] {
    switch self {
    case .libraryIsMissing: return ["Install it: apt install libpcap0.8, dnf install libpcap, or brew install libpcap."]
    case .noSuchInterface(let name, let known):
      let nearest = Suggestion.nearest(to: name, among: known)
      return known.isEmpty
        ? [] : ["There are: \(known.joined(separator: ", "))." + (nearest.map { " Did you mean '\($0)'?" } ?? "")]
    case .isDown(let name): return ["Bring it up: sudo ip link set \(name) up"]
    case .notPermitted: return Self.permissionAdvice(SystemCalls.executablePath ?? "\"$(command -v wstap)\"")
    case .wrongFilter(let fault): return Self.marked(fault)
    default: return []
    }
  }

  /// What lets somebody capture who may not.
  static func permissionAdvice(_ path: String) -> [String] {
    let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@\"$()".contains($0) }
    let path = isPlain || path.hasPrefix("\"$(") ? path : "'\(path.split(separator: "'").joined(separator: "'\\''"))'"
    return [
      "Give wstap the right, once:  sudo setcap cap_net_raw,cap_net_admin+eip \(path)",
      "Or for one group only:       sudo chgrp wireshark \(path) && sudo chmod 750 \(path), then the setcap above",
      "Or for this time:            sudo \(path) …",
    ]
  }

  /// The filter, with a mark below the place where it is wrong.
  static func marked(_ fault: FilterFault) -> [String] {
    guard let place = fault.place else { return ["  \(readable(fault.filter))"] }
    let mark = String(repeating: " ", count: place.lowerBound) + String(repeating: "^", count: max(place.count, 1))
    return ["  \(readable(fault.filter))", "  \(mark)"]
  }

  /// `filter` in one line.
  private static func readable(_ filter: String) -> String {
    String(filter.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }
}
