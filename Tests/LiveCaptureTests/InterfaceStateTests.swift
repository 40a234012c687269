import Testing

@testable import LiveCapture

@Suite("The state of interfaces")
struct InterfaceStateTests {
  @Test("it is the one that -D shows, and unknown of what is no interface")
  func state() throws {
    for interface in try NetworkInterface.all() {
      guard let isUp = InterfaceState.isUp(interface.name) else { continue }
      #expect(isUp == interface.isUp, "\(interface.name)")
    }
    #expect(InterfaceState.isUp("any") == nil)
    #expect(InterfaceState.isUp("no-such-interface") == nil)
  }
}
