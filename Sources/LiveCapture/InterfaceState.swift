#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whether an interface is up.
enum InterfaceState {
  /// Whether the interface `name` is up; nil if the system has none of that name, as of `any`.
  static func isUp(_ name: String) -> Bool? {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    var next = first
    while let interface = next {
      if strcmp(interface.pointee.ifa_name, name) == 0 { return interface.pointee.ifa_flags & UInt32(IFF_UP) != 0 }
      next = interface.pointee.ifa_next
    }
    return nil
  }
}
