/// A queue between two threads that holds a few elements: who puts waits while it is full, who takes while it is empty.
final class BoundedQueue<Element: Sendable>: Sendable {
  private struct Content {
    var elements: [Element] = []
    var isClosed = false
  }

  private let content = Monitor(Content())
  private let most: Int

  /// A queue for `most` elements.
  init(most: Int) { self.most = most }

  /// Adds `element`, once there is room. In a closed queue it is forgotten.
  func put(_ element: Element) {
    content.wait(while: { $0.elements.count >= most && !$0.isClosed }) {
      if !$0.isClosed { $0.elements.append(element) }
    }
  }

  /// Adds `element` if there is room; false if not.
  func offer(_ element: Element) -> Bool {
    content.change {
      let isTaken = $0.elements.count < most && !$0.isClosed
      if isTaken { $0.elements.append(element) }
      return isTaken
    }
  }

  /// Whether there is nothing in it.
  var isEmpty: Bool { content.withLock { $0.elements.isEmpty } }

  /// Whether it is closed and empty.
  var isOver: Bool { content.withLock { $0.elements.isEmpty && $0.isClosed } }

  /// The next element, if there is one within so many milliseconds.
  func take(within milliseconds: Int) -> Element? {
    content.wait(while: { $0.elements.isEmpty && !$0.isClosed }, within: milliseconds) { Self.removeFirst(&$0) }
  }

  /// The next element, once there is one; nil when the queue is closed and empty.
  func take() -> Element? {
    content.wait(while: { $0.elements.isEmpty && !$0.isClosed }) { Self.removeFirst(&$0) }
  }

  private static func removeFirst(_ content: inout Content) -> Element? {
    content.elements.isEmpty ? nil : content.elements.removeFirst()
  }

  /// Nothing more is put in, or taken out: nobody waits any more.
  func close() { content.change { $0.isClosed = true } }
}
