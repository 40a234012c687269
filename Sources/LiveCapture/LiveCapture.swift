import CPcap
import Capture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How an interface is captured from.
public struct LiveCaptureOptions: Equatable, Sendable {
  /// The interface's name.
  public var interface: String
  /// Bytes that are kept of a packet, 1 to 262,144.
  public var snaplen = 262_144
  /// Whether packets for others are captured as well.
  public var isPromiscuous = true
  /// Bytes of the system's buffer, 64 KiB to 2 GiB less one: what passes while wstap does not get to it. 64 MiB take half a
  /// second of a gigabit link.
  public var bufferSize = 64 << 20
  /// The filter in libpcap's language; nil: what may carry TCP (`LiveCapture.defaultFilter`).
  public var filter: String?

  /// Milliseconds after which the system hands over packets, however few: most of the delay until a frame is shown.
  static let timeout: Int32 = 50

  /// The usual options for `interface`.
  public init(interface: String) { self.interface = interface }
}

/// What was dropped, and not, since capturing began.
public struct LiveCaptureCounts: Equatable, Sendable {
  /// Packets that passed the filter, dropped ones included.
  public var received: UInt64 = 0
  /// Packets that the system dropped, because its buffer was full.
  public var droppedBySystem: UInt64 = 0
  /// Packets that the interface or its driver dropped.
  public var droppedByInterface: UInt64 = 0

  /// Nothing counted.
  public init() {}

  /// Adds what has come to be since `statistics` were taken the last time.
  mutating func add(_ statistics: pcap_stat) {
    func grow(_ count: inout UInt64, to number: UInt32) {
      let step = number &- UInt32(truncatingIfNeeded: count)
      // One so great is one back: of an interface that is gone, libpcap forgets what it dropped.
      if step < 1 << 31 { count += UInt64(step) }
    }
    grow(&received, to: statistics.ps_recv)
    grow(&droppedBySystem, to: statistics.ps_drop)
    grow(&droppedByInterface, to: statistics.ps_ifdrop)
  }
}

/// An interface that is being captured from, by libpcap.
///
/// One thread at a time may use it.
public final class LiveCapture: @unchecked Sendable {
  /// TCP, IP fragments, and what is decoded on the way to TCP: VLAN, MPLS, PPP, PPPoE, IP in IP, GRE, AH, VXLAN, GENEVE; IPv6 with
  /// headers that libpcap does not look behind. No keyword is used that shifts what follows it.
  public static let defaultFilter: String = {
    let etherTypes = [0x8100, 0x88a8, 0x9100, 0x9200, 0x8847, 0x8848, 0x8864, 0x880b].map { "ether proto \($0)" }
    let tunnels = [4, 41, 47, 51].flatMap { ["ip proto \($0)", "ip6 proto \($0)"] }
    let headers = [0, 43, 44, 60, 135, 139, 140].map { "ip6 proto \($0)" }
    let ports = [4789, 8472, 6081].map { "udp port \($0)" }
    return (["tcp", "(ip[6:2] & 0x3fff != 0)"] + headers + tunnels + ports + etherTypes).joined(separator: " or ")
  }()

  /// Packets that are taken before anything else is looked at.
  private static let mostPackets: Int32 = 16_384

  /// What the first byte of its packets begins.
  public let linkType: LinkType
  /// Bytes that are kept of a packet.
  public let snaplen: Int
  /// Whether its times have nanoseconds; they have microseconds otherwise.
  public let hasNanoseconds: Bool
  /// What libpcap has to say besides, such as that promiscuous mode is not possible; nil: nothing.
  public let warning: String?
  /// The interface's name.
  public let interface: String

  private let library: PcapLibrary
  private let handle: OpaquePointer
  private let descriptor: Int32
  /// The interface's number, which it keeps when it is renamed; nil if the system does not tell whether it is up.
  private let index: UInt32?
  private var counted = LiveCaptureCounts()

  /// Opens the interface. Throws `LiveCaptureError`.
  public init(_ options: LiveCaptureOptions) throws(LiveCaptureError) {
    let library = try PcapLibrary()
    let (created, message) = withPcapMessage { library.create(options.interface, $0) }
    guard let handle = created else { throw .cannotOpen(options.interface, reason: message) }
    do throws(LiveCaptureError) {
      warning = try Self.activate(handle, options, library)
      try Self.setFilter(handle, options.filter, options.interface, library)
      let (status, message) = withPcapMessage { library.setNonBlocking(handle, 1, $0) }
      if status != 0 { throw .cannotOpen(options.interface, reason: message) }
    } catch {
      library.close(handle)
      throw error
    }
    self.library = library
    self.handle = handle
    descriptor = library.selectableDescriptor(handle)
    interface = options.interface
    linkType = Self.linkType(library.dataLink(handle))
    snaplen = Int(library.snapshot(handle))
    hasNanoseconds = library.precision(handle) == PCAP_TSTAMP_PRECISION_NANO
    let number = if_nametoindex(options.interface)
    index = number != 0 && InterfaceState.of(number) == .up ? number : nil
  }

  deinit { library.close(handle) }

  /// The registry's number of libpcap's own `number`: they differ where systems disagreed.
  private static func linkType(_ number: Int32) -> LinkType {
    switch number {
    case DLT_RAW: .raw
    default: LinkType(rawValue: UInt16(truncatingIfNeeded: number))
    }
  }

  /// Begins to capture, and gives what libpcap warns of.
  private static func activate(
    _ handle: OpaquePointer, _ options: LiveCaptureOptions, _ library: PcapLibrary
  ) throws(LiveCaptureError) -> String? {
    _ = library.setSnaplen(handle, Int32(clamping: options.snaplen))
    _ = library.setPromiscuous(handle, options.isPromiscuous ? 1 : 0)
    _ = library.setTimeout(handle, LiveCaptureOptions.timeout)
    _ = library.setBufferSize(handle, Int32(clamping: options.bufferSize))
    _ = library.setPrecision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = library.activate(handle)
    let message = library.message(handle)
    switch status {
    case 0: return nil
    case 1...: return message.isEmpty ? library.message(status: status) : message
    case PCAP_ERROR_NO_SUCH_DEVICE:
      throw .noSuchInterface(options.interface, known: ((try? NetworkInterface.all()) ?? []).map(\.name))
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: throw .notPermitted(options.interface)
    case PCAP_ERROR_IFACE_NOT_UP: throw .isDown(options.interface)
    default:
      throw .cannotOpen(options.interface, reason: message.isEmpty ? library.message(status: status) : message)
    }
  }

  private static func setFilter(
    _ handle: OpaquePointer, _ filter: String?, _ interface: String, _ library: PcapLibrary
  ) throws(LiveCaptureError) {
    let compiler = FilterCompiler(handle, library, netmask: library.netmask(interface))
    do throws(LiveCaptureError) {
      try compiler.set(filter ?? defaultFilter)
    } catch {
      // Of some link types libpcap does not know where IP begins: then all is taken, as nobody asked for less.
      if filter != nil { throw error }
    }
  }

  /// Waits until there are packets, or for so many milliseconds, and gives those that there are to `intake`. False if there
  /// were none. Throws `LiveCaptureError.ended`.
  ///
  /// libpcap is not left to wait: on Linux it waits for a packet however long that takes.
  public func read(into intake: PacketIntake, within milliseconds: Int32) throws(LiveCaptureError) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&request, 1, descriptor < 0 ? min(milliseconds, LiveCaptureOptions.timeout) : milliseconds)
    // Of some devices, libpcap takes it for an error that nothing is there.
    if descriptor >= 0, ready <= 0 { return false }
    let place = Unmanaged.passUnretained(intake).toOpaque().assumingMemoryBound(to: UInt8.self)
    let count = library.dispatch(handle, Self.mostPackets, takePacket, place)
    if count >= 0 { return count > 0 }
    if count == PCAP_ERROR_BREAK { return false }
    throw LiveCaptureError.ended(interface, reason: library.message(handle))
  }

  /// Throws `LiveCaptureError.ended` if the interface is down: libpcap 1.10 waits on then, for it to come back. Or if it is
  /// gone: where it went down first, and libpcap looked in between, that does not find out.
  public func checkState() throws(LiveCaptureError) {
    switch index.flatMap(InterfaceState.of) {
    case .down: throw .ended(interface, reason: "the interface went down")
    case .gone: throw .ended(interface, reason: "the interface disappeared")
    case .up, nil: return
    }
  }

  /// What was counted so far; nil if the system does not say. libpcap counts to 2^32 and begins again: so this must be called
  /// now and then.
  public func counts() -> LiveCaptureCounts? {
    var statistics = pcap_stat()
    guard library.statistics(handle, &statistics) == 0 else { return nil }
    counted.add(statistics)
    return counted
  }
}

/// What libpcap calls for each packet.
private func takePacket(
  _ intake: UnsafeMutablePointer<UInt8>?, _ header: UnsafePointer<pcap_pkthdr>?, _ data: UnsafePointer<UInt8>?
) {
  guard let intake, let header, let data else { return }
  Unmanaged<PacketIntake>.fromOpaque(intake).takeUnretainedValue()
    .take(header.pointee, UnsafeRawBufferPointer(start: data, count: Int(header.pointee.caplen)))
}
