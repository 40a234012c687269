#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What has become of an interface.
enum InterfaceState: Equatable {
  case up
  case down
  /// There is no interface of that number any more.
  case gone

  /// The state of the interface of the number `index`, by whatever name it goes now; nil if the system does not say.
  static func of(_ index: UInt32) -> InterfaceState? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
      guard let name = name.baseAddress, if_indextoname(index, name) != nil else { return errno == ENXIO ? .gone : nil }
      return isUp(name).map { $0 ? .up : .down }
    }
  }

  private static func isUp(_ name: UnsafePointer<CChar>) -> Bool? {
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
