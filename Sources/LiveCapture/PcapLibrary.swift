import CPcap

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of libpcap that are used.
///
/// The library is loaded when something is to be captured, and not with the program: with what it needs itself (on Debian,
/// nine libraries) that would take a fifth of the time from start to first record of a saved capture.
final class PcapLibrary: @unchecked Sendable {
  typealias Text = UnsafeMutablePointer<CChar>

  let create: @convention(c) (UnsafePointer<CChar>, Text) -> OpaquePointer?
  let setSnaplen: @convention(c) (OpaquePointer, Int32) -> Int32
  let setPromiscuous: @convention(c) (OpaquePointer, Int32) -> Int32
  let setTimeout: @convention(c) (OpaquePointer, Int32) -> Int32
  let setBufferSize: @convention(c) (OpaquePointer, Int32) -> Int32
  let setPrecision: @convention(c) (OpaquePointer, Int32) -> Int32
  let precision: @convention(c) (OpaquePointer) -> Int32
  let activate: @convention(c) (OpaquePointer) -> Int32
  let openDead: @convention(c) (Int32, Int32) -> OpaquePointer?
  let close: @convention(c) (OpaquePointer) -> Void
  let dispatch: @convention(c) (OpaquePointer, Int32, pcap_handler, UnsafeMutablePointer<UInt8>?) -> Int32
  let setNonBlocking: @convention(c) (OpaquePointer, Int32, Text) -> Int32
  let selectableDescriptor: @convention(c) (OpaquePointer) -> Int32
  let statistics: @convention(c) (OpaquePointer, UnsafeMutablePointer<pcap_stat>) -> Int32
  let error: @convention(c) (OpaquePointer) -> Text?
  let statusText: @convention(c) (Int32) -> UnsafePointer<CChar>?
  let compile:
    @convention(c) (OpaquePointer, UnsafeMutablePointer<bpf_program>, UnsafePointer<CChar>, Int32, UInt32) -> Int32
  let setFilter: @convention(c) (OpaquePointer, UnsafeMutablePointer<bpf_program>) -> Int32
  let freeCode: @convention(c) (UnsafeMutablePointer<bpf_program>) -> Void
  let dataLink: @convention(c) (OpaquePointer) -> Int32
  let snapshot: @convention(c) (OpaquePointer) -> Int32
  let findAll: @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<pcap_if_t>?>, Text) -> Int32
  let freeAll: @convention(c) (UnsafeMutablePointer<pcap_if_t>?) -> Void
  let lookUpNet:
    @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, Text) -> Int32

  /// Where the library is, by the names of several systems.
  private static let names = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so", "libpcap.A.dylib", "libpcap.dylib"]

  /// Loads the library. Throws `LiveCaptureError.libraryIsMissing`.
  init() throws(LiveCaptureError) {
    guard let handle = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw .libraryIsMissing
    }
    func function<Function>(_ name: String) throws(LiveCaptureError) -> Function {
      guard let address = dlsym(handle, name) else { throw .libraryLacks(name) }
      return unsafeBitCast(address, to: Function.self)
    }
    create = try function("pcap_create")
    setSnaplen = try function("pcap_set_snaplen")
    setPromiscuous = try function("pcap_set_promisc")
    setTimeout = try function("pcap_set_timeout")
    setBufferSize = try function("pcap_set_buffer_size")
    setPrecision = try function("pcap_set_tstamp_precision")
    precision = try function("pcap_get_tstamp_precision")
    activate = try function("pcap_activate")
    openDead = try function("pcap_open_dead")
    close = try function("pcap_close")
    dispatch = try function("pcap_dispatch")
    setNonBlocking = try function("pcap_setnonblock")
    selectableDescriptor = try function("pcap_get_selectable_fd")
    statistics = try function("pcap_stats")
    error = try function("pcap_geterr")
    statusText = try function("pcap_statustostr")
    compile = try function("pcap_compile")
    setFilter = try function("pcap_setfilter")
    freeCode = try function("pcap_freecode")
    dataLink = try function("pcap_datalink")
    snapshot = try function("pcap_snapshot")
    findAll = try function("pcap_findalldevs")
    freeAll = try function("pcap_freealldevs")
    lookUpNet = try function("pcap_lookupnet")
  }

  /// The IPv4 netmask of `interface`, which `ip broadcast` in a filter needs; all ones if it has none.
  func netmask(_ interface: String) -> UInt32 {
    var (net, mask): (UInt32, UInt32) = (0, 0)
    let (status, _) = withPcapMessage { lookUpNet(interface, &net, &mask, $0) }
    return status == 0 ? mask : .max
  }

  /// What it says went wrong with `handle` last.
  func message(_ handle: OpaquePointer) -> String { error(handle).map { String(cString: $0) } ?? "" }

  /// What it says of the status `code`.
  func message(status code: Int32) -> String { statusText(code).map { String(cString: $0) } ?? "status \(code)" }
}

/// Calls `body` with room for a message of libpcap's, and gives what it says and the message.
func withPcapMessage<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> (Result, String) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PCAP_ERRBUF_SIZE)) { room in
    room.initialize(repeating: 0)
    guard let base = room.baseAddress else { preconditionFailure("there is room") }
    let result = body(base)
    return (result, String(cString: base))
  }
}
