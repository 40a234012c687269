import Analysis
import Testing

@Suite("Refused connections")
struct RefusedConnectionTests {
  @Test("the last ones are remembered, and those before them are to be forgotten, in order")
  func lastOnes() {
    var refused = RefusedConnections()
    let forgotten = (1...UInt64(3 * RefusedConnections.most + 7)).map { refused.note($0) }
    #expect(forgotten.prefix(RefusedConnections.most).allSatisfy { $0 == nil })
    #expect(forgotten.compactMap { $0 } == Array(1...UInt64(2 * RefusedConnections.most + 7)))
  }
}
