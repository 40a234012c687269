#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

import Testing

@testable import LiveCapture

@Suite("The state of interfaces")
struct InterfaceStateTests {
  @Test("it is the one that -D shows, and an interface is gone where there is none of its number")
  func state() throws {
    for interface in try NetworkInterface.all() {
      let index = if_nametoindex(interface.name)
      #expect((index != 0) == interface.hasState, "\(interface.name)")
      guard index != 0 else { continue }
      #expect(InterfaceState.of(index) == (interface.isUp ? .up : .down), "\(interface.name)")
    }
    #expect(InterfaceState.of(1 << 30) == .gone)
  }
}
