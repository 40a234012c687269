import Testing

@testable import Subprotocols

@Suite("Requests that wait for their replies")
struct PendingRequestsTests {
  private func request(_ id: Int) -> PendingRequests.Request {
    PendingRequests.Request(fingerprint: UInt64(id), label: "m\(id)", message: UInt64(id), end: 0)
  }

  @Test("are those that came last, and what is forgotten is told, once")
  func mostOfOneEnd() {
    let pending = PendingRequests(ViewMemory())
    var forgotten: [String] = []
    for id in 0..<PendingRequests.most + 744 {
      if let request = pending.add(request(id), isFromClient: true) { forgotten.append(request.label) }
    }
    #expect(pending.count == PendingRequests.most)
    #expect(forgotten == (0..<744).map { "m\($0)" })
    #expect(pending.find(0, ofClient: true, isOver: true) == nil)
    #expect(pending.find(2791, ofClient: false, isOver: true) == nil)
    #expect(pending.find(2791, ofClient: true, isOver: true)?.label == "m2791")
    #expect(pending.find(2791, ofClient: true, isOver: true) == nil)
  }

  @Test("are forgotten when their id comes again, unless a reply has come")
  func sameID() {
    let pending = PendingRequests(ViewMemory())
    #expect(pending.add(request(1), isFromClient: true) == nil)
    #expect(pending.add(request(1), isFromClient: true)?.label == "m1")
    #expect(pending.find(1, ofClient: true, isOver: false)?.isAnswered == false)
    #expect(pending.add(request(1), isFromClient: true) == nil && pending.count == 1)
  }

  @Test("are bounded for all connections together, and make room when their connection is over")
  func mostOfAll() {
    let memory = ViewMemory()
    var all: [PendingRequests] = []
    var forgotten = 0
    for _ in 0..<400 {
      let pending = PendingRequests(memory)
      for id in 0..<PendingRequests.most where pending.add(request(id), isFromClient: true) != nil { forgotten += 1 }
      all.append(pending)
    }
    #expect(memory.requests == ViewMemory.mostRequests)
    #expect(forgotten + memory.requests == 400 * PendingRequests.most)
    #expect(all.last?.count == 0 && all.reduce(0) { $0 + $1.count } == memory.requests)
    all.removeLast(200)
    #expect(memory.requests == all.reduce(0) { $0 + $1.count })
    #expect(all[0].find(3, ofClient: true, isOver: true) != nil)
    all = []
    #expect(memory.requests == 0)
  }
}
