/// An interface cannot be captured from.
public enum LiveCaptureError: Error, Equatable, Sendable {
  /// libpcap is not installed.
  case libraryIsMissing
  /// The libpcap that is installed has no such function: it is older than 1.5.
  case libraryLacks(String)
  /// There is no such interface; those that there are.
  case noSuchInterface(String, known: [String])
  /// The interface is not up.
  case isDown(String)
  /// Not permitted to capture.
  case notPermitted(String)
  /// The interface cannot be opened, for a reason in libpcap's words.
  case cannotOpen(String, reason: String)
  /// The interfaces cannot be listed, for a reason in libpcap's words.
  case cannotList(reason: String)
  /// The filter cannot be compiled, for a reason in libpcap's words.
  case wrongFilter(FilterFault)
  /// Capturing came to an end that nobody asked for, for a reason in libpcap's words.
  case ended(String, reason: String)
}

/// What is wrong with a filter.
public struct FilterFault: Equatable, Sendable {
  /// The filter.
  public var filter: String
  /// What libpcap says of it.
  public var reason: String
  /// Where the first word is that cannot stand in its place, in characters; nil if that is not known.
  public var place: Range<Int>?
}
