/// The names of the methods that were asked for, each kept once.
struct MethodNames {
  /// Names that are kept. Requests for others are measured, too, but not by method.
  static let most = 10_000

  private var numbers: [String: UInt32] = [:]
  private var names: [String] = []

  /// The number of a name; nil if there are too many others.
  mutating func number(of name: String) -> UInt32? {
    if let number = numbers[name] { return number }
    guard names.count < Self.most else { return nil }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }

  /// The name of that number.
  subscript(_ number: UInt32) -> String { names[Int(number)] }
}
