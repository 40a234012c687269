import Subprotocols

/// Messages that one view is for.
public struct ViewStatistics: Equatable, Sendable {
  /// Views that are told apart at most, with what they carry. All further ones are counted together, as without a view.
  static let most = 100

  /// The name of the view; nil for messages that have none.
  public var view: String?
  /// The names of the views of what these messages carry, each once, from the outermost on.
  public var carried: [String]
  /// How many messages there are.
  public var messages: UInt64 = 0
  /// Their bytes after inflating, as far as their lengths are known.
  public var bytes: UInt64 = 0
}

/// The views of messages, each counted apart.
struct ViewCounts {
  private(set) var all: [ViewStatistics] = []

  mutating func add(_ view: MessageView?, bytes: UInt64) {
    let name = view?.name
    var carried: [String] = []
    for name in view?.carried ?? [] where !carried.contains(name) { carried.append(name) }
    // They are few, and the same one comes again and again.
    var index = all.firstIndex { $0.view == name && $0.carried == carried }
    if index == nil, all.count >= ViewStatistics.most - 1 {
      index = all.firstIndex { $0.view == name && $0.carried.isEmpty } ?? all.firstIndex { $0.view == nil }
      if index == nil { carried = [] }
    }
    if let index { return count(bytes, at: index) }
    all.append(ViewStatistics(view: all.count >= ViewStatistics.most - 1 ? nil : name, carried: carried))
    count(bytes, at: all.count - 1)
  }

  private mutating func count(_ bytes: UInt64, at index: Int) {
    all[index].messages += 1
    all[index].bytes &+= bytes
  }

  /// The most frequent first, and those without a view last.
  var sorted: [ViewStatistics] {
    all.sorted { one, other in
      if (one.view == nil) != (other.view == nil) { return other.view == nil }
      if one.messages != other.messages { return one.messages > other.messages }
      return ([one.view ?? ""] + one.carried).lexicographicallyPrecedes([other.view ?? ""] + other.carried)
    }
  }
}
