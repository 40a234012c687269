extension SeededGenerator {
  /// A generator whose seed is printed with `name`, so that a failure can be repeated with `init(seed:)`.
  public static func announced(_ name: String) -> SeededGenerator {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("\(name): seed \(seed)")
    return SeededGenerator(seed: seed)
  }
}
