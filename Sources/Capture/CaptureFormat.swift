import Bytes

/// The format of a capture file, as its first bytes say.
public enum CaptureFormat: Equatable, Sendable {
  /// The classic format of libpcap; `resolution` is microseconds or nanoseconds.
  case pcap(resolution: TimestampResolution, order: ByteOrder)
  /// The block format of Wireshark. Byte order is each section's own.
  case pcapng

  /// The format's name: `pcap` or `pcapng`.
  public var name: String {
    switch self {
    case .pcap: "pcap"
    case .pcapng: "pcapng"
    }
  }
}
