import LiveCapture

/// What a command line asks for about capturing live.
struct LiveSettings: Equatable, Sendable {
  /// The interface to capture from; nil: saved captures are read.
  var interface: String?
  /// The filter, in libpcap's language; nil for the default.
  var filter: String?
  /// Bytes to keep of a packet; nil for all.
  var snaplen: Int?
  /// Whether packets for others are not asked for.
  var isNotPromiscuous = false
  /// Bytes of the system's buffer; nil for the default.
  var bufferSize: Int?
  /// Seconds after which capturing ends; nil for never.
  var duration: Double?
  /// The user to become; nil for the default.
  var user: String?
  /// The options that were given, of those that make sense with an interface only, as they were spelt.
  var spellings: [String] = []

  /// The options of the capture; nil where saved captures are read.
  var options: LiveCaptureOptions? {
    guard let interface else { return nil }
    var options = LiveCaptureOptions(interface: interface)
    options.filter = filter
    if let snaplen { options.snaplen = snaplen }
    options.isPromiscuous = !isNotPromiscuous
    if let bufferSize { options.bufferSize = bufferSize }
    return options
  }
}
