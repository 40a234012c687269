import CPcap

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An interface that may be captured from.
public struct NetworkInterface: Equatable, Sendable {
  /// What `-i` calls it.
  public var name: String
  /// Words about it; nil if the system has none.
  public var description: String?
  /// Its IPv4 and IPv6 addresses, as text.
  public var addresses: [String]
  /// Whether it is up.
  public var isUp: Bool
  /// Whether it is running: up, and with a link.
  public var isRunning: Bool
  /// Whether it is a loopback interface.
  public var isLoopback: Bool
  /// Whether it is wireless.
  public var isWireless: Bool
  /// Whether being up or down means something for it; not of what is no interface, but a way to get packets.
  public var hasState: Bool
  /// Whether the system says that it has no link; of interfaces where that means something.
  public var isDisconnected: Bool

  /// All that libpcap finds, in its order: those most likely wanted first. Throws `LiveCaptureError`.
  public static func all() throws(LiveCaptureError) -> [NetworkInterface] {
    let library = try PcapLibrary()
    var first: UnsafeMutablePointer<pcap_if_t>?
    let (status, message) = withPcapMessage { library.findAll(&first, $0) }
    guard status == 0 else { throw .cannotList(reason: message) }
    defer { library.freeAll(first) }
    var found: [NetworkInterface] = []
    var next = first
    while let interface = next {
      found.append(NetworkInterface(interface.pointee))
      next = interface.pointee.next
    }
    return found
  }

  private init(_ interface: pcap_if_t) {
    name = interface.name.map { String(cString: $0) } ?? ""
    description = interface.description.map { String(cString: $0) }
    func has(_ flag: Int32) -> Bool { interface.flags & UInt32(bitPattern: flag) != 0 }
    isLoopback = has(PCAP_IF_LOOPBACK)
    isUp = has(PCAP_IF_UP)
    isRunning = has(PCAP_IF_RUNNING)
    isWireless = has(PCAP_IF_WIRELESS)
    let link = Int32(bitPattern: interface.flags) & PCAP_IF_CONNECTION_STATUS
    isDisconnected = link == PCAP_IF_CONNECTION_STATUS_DISCONNECTED
    hasState = if_nametoindex(name) != 0
    addresses = []
    var next = interface.addresses
    while let address = next {
      if let text = address.pointee.addr.flatMap({ Self.text($0) }), !addresses.contains(text) {
        addresses.append(text)
      }
      next = address.pointee.next
    }
  }

  /// An IPv4 or IPv6 address as text; nil for any other.
  private static func text(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
    let raw = UnsafeRawPointer(address)
    let family = Int32(address.pointee.sa_family)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
      let text: UnsafePointer<CChar>?
      switch family {
      case AF_INET:
        var value = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
        text = inet_ntop(AF_INET, &value, room.baseAddress, 64)
      case AF_INET6:
        var value = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
        text = inet_ntop(AF_INET6, &value, room.baseAddress, 64)
      default: text = nil
      }
      return text.map { String(cString: $0) }
    }
  }
}
