import Export
import LiveCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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
    case .wrongFilter(let fault): "the filter cannot be used: \(shown(fault.reason))"
    case .ended(let name, let reason): "capturing from \(quoted(name)) ended: \(reason)"
    }
  }

  private var advice: [String] {
    switch self {
    case .libraryIsMissing: return ["Install it: apt install libpcap0.8, dnf install libpcap, or brew install libpcap."]
    case .noSuchInterface(let name, let known):
      let nearest = Suggestion.nearest(to: name, among: known)
      return known.isEmpty
        ? []
        : [
          "There are: \(shown(known.joined(separator: ", ")))." + (nearest.map { " Did you mean \(quoted($0))?" } ?? "")
        ]
    case .isDown(let name): return ["Bring it up: sudo ip link set dev \(shown(Self.forShell(name))) up"]
    case .notPermitted:
      return Self.permissionAdvice(SystemCalls.executablePath.map { Self.forShell($0) } ?? "\"$(command -v wstap)\"")
    case .wrongFilter(let fault): return Self.marked(fault)
    default: return []
    }
  }

  /// `word` as a shell takes it for one.
  static func forShell(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+@".contains($0)) }
    return isPlain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// What lets somebody capture who may not.
  static func permissionAdvice(_ path: String) -> [String] {
    if geteuid() == 0 {
      return ["Root has no CAP_NET_RAW here; a container needs --cap-add NET_RAW --cap-add NET_ADMIN."]
    }
    return [
      "Give wstap the right, once:  sudo setcap cap_net_raw,cap_net_admin+eip \(path)",
      "Or for one group only:       sudo chgrp GROUP \(path) && sudo chmod 750 \(path), then the setcap above",
      "Or for this time:            sudo \(path) …",
    ]
  }

  /// The filter, with a mark below the place where it is wrong; of a long one, what is near to that.
  static func marked(_ fault: FilterFault) -> [String] { MarkedText.lines(fault.filter, fault.place) }
}

/// `text` without what could drive a terminal.
private func shown(_ text: String) -> String { escapedForTerminal(Array(text.utf8)) }
