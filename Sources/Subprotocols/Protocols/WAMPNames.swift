/// The topics and procedures of a WAMP session, by the ids that stand for them: of requests, subscriptions and registrations.
final class WAMPNames {
  /// What an id is of.
  enum Kind: Hashable { case request, invocation, subscription, registration }

  private struct Key: Hashable {
    var kind: Kind
    var id: UInt64
  }

  /// Names that are kept at least, the latest; twice as many at most. Bytes that one may have.
  static let most = 256
  static let mostBytes = 256

  private var young: [Key: String] = [:]
  private var old: [Key: String] = [:]
  private let memory: ViewMemory

  init(_ memory: ViewMemory) { self.memory = memory }

  deinit {
    giveBack(young)
    giveBack(old)
  }

  /// The name that stands for `id`; nil if it is not known.
  subscript(_ kind: Kind, _ id: UInt64) -> String? {
    let key = Key(kind: kind, id: id)
    return young[key] ?? old[key]
  }

  /// Remembers `name`.
  func remember(_ name: String, _ kind: Kind, _ id: UInt64) {
    forget(kind, id)
    guard name.utf8.count <= Self.mostBytes, memory.take(Self.cost(name)) else { return }
    if young.count >= Self.most {
      giveBack(old)
      old = young
      young = [:]
    }
    young[Key(kind: kind, id: id)] = name
  }

  /// Forgets the name that stands for `id`; gives it.
  @discardableResult
  func forget(_ kind: Kind, _ id: UInt64) -> String? {
    let key = Key(kind: kind, id: id)
    guard let name = young.removeValue(forKey: key) ?? old.removeValue(forKey: key) else { return nil }
    memory.give(back: Self.cost(name))
    return name
  }

  /// Forgets all names.
  func removeAll() {
    giveBack(young)
    giveBack(old)
    (young, old) = ([:], [:])
  }

  private static func cost(_ name: String) -> Int { name.utf8.count + 64 }

  private func giveBack(_ names: [Key: String]) { for name in names.values { memory.give(back: Self.cost(name)) } }
}
