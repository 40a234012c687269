/// The nearest right word for a mistyped one.
enum Suggestion {
  /// The word of `candidates` that `typed` most likely stands for: the only one of which two letters were swapped, the only
  /// one that it begins, or ends, or else the nearest one by `distance` if that is near enough. nil when nothing is close.
  static func nearest(to typed: String, among candidates: [String]) -> String? {
    let swapped = candidates.filter {
      $0.count == typed.count && typed.count <= 40 && $0.sorted() == typed.sorted() && distance(typed, $0) == 1
    }
    if swapped.count == 1 { return swapped[0] }
    let begun = candidates.filter { typed.count >= 2 && $0.hasPrefix(typed) }
    if begun.count == 1 { return begun[0] }
    let ended = candidates.filter { typed.count >= 4 && $0.hasSuffix(typed) }
    if ended.count == 1 { return ended[0] }
    // A long argument is no typing mistake; do not spend quadratic time on it.
    guard typed.count <= 40 else { return nil }
    var best: (word: String, distance: Int)?
    for word in candidates {
      let distance = distance(typed, word)
      if distance < best?.distance ?? Int.max { best = (word, distance) }
    }
    guard let best else { return nil }
    if best.distance <= max(1, min(typed.count, best.word.count) / 3) { return best.word }
    // A key that was held down too long.
    return best.distance <= 3 && best.word.count >= 3 && typed.hasPrefix(best.word) ? best.word : nil
  }

  /// How many characters must be inserted, removed, replaced or swapped with their neighbour to make `b` of `a`
  /// ("optimal string alignment"). Case is not a difference.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.lowercased()), b = Array(b.lowercased())
    // Three rows of the table of distances between prefixes: two above, above, current.
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var row = [i + 1]
      for (j, y) in b.enumerated() {
        var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (x == y ? 0 : 1))
        if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { least = min(least, beforeLast[j - 1] + 1) }
        row.append(least)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
