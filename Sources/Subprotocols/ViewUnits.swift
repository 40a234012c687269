/// The units of a message that holds several: the first stands in the view itself, the others as objects in `more`.
struct ViewUnits {
  /// Units of a message that are shown.
  static let most = 1000

  /// Units so far.
  private(set) var count = 0
  private var isMoreOpen = false
  private var isUnitOpen = false
  private var isFinished = false

  /// So many bytes, in words.
  static func bytes(_ count: some BinaryInteger) -> String { "\(count) \(count == 1 ? "byte" : "bytes")" }

  /// Begins the place for the next unit; false if it is not to be shown. `end` ends it.
  mutating func begin(_ view: inout ViewWriter) -> Bool {
    count += 1
    guard count <= Self.most else { return false }
    guard count > 1 else { return true }
    if !isMoreOpen { view.array("more") }
    isMoreOpen = true
    view.say("+")
    view.object()
    isUnitOpen = true
    return true
  }

  /// Ends the unit that was begun.
  mutating func end(_ view: inout ViewWriter) {
    if isUnitOpen { view.close() }
    isUnitOpen = false
  }

  /// Ends the list: what is written then stands in the view itself.
  mutating func finish(_ view: inout ViewWriter) {
    guard !isFinished else { return }
    isFinished = true
    if isMoreOpen { view.close() }
    if count > Self.most { view.integer("more_left_out", count - Self.most) }
  }
}
