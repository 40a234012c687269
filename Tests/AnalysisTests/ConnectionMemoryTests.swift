import Analysis
import TestSupport
import Testing
import Transport

@Suite("What is remembered of connections")
struct ConnectionMemoryTests {
  typealias Talk = ConversationBuilder

  /// Connections, each from a port of its own, whose upgrades are accepted or refused.
  private static func records(_ count: Int, isRefused: Bool = false) -> [ConnectionRecord] {
    let packets = (0..<count).flatMap { number in
      var talk = Talk(client: Endpoint(PacketBuilder.client.address, port: UInt16(10_000 + number)))
      talk.open()
      if isRefused {
        talk.say(.client, Talk.request())
        talk.say(.server, "HTTP/1.1 403 Forbidden\nContent-Length: 0\n\n")
      } else {
        talk.upgrade()
      }
      return talk.packets
    }
    return analyze(packets).connections
  }

  @Test("it stays until the connection is over, and nothing of it after that")
  func lifetime() {
    let records = Self.records(3)
    #expect(records.count == 3)
    var memory = ConnectionMemory<String>()
    let isNoted = records.map { memory.note("\($0.connection.client.port)", of: $0, cost: $0.cost) }
    #expect(isNoted == [true, true, true])
    #expect(memory[2] == "10001" && memory[4] == nil)
    #expect(memory.bytes == records.reduce(0) { $0 + $1.cost })
    let forgotten = [memory.forget(2), memory.forget(2)]
    #expect(forgotten == ["10001", nil])
    #expect(memory[2] == nil && memory[1] == "10000")
    memory.forget(1)
    memory.forget(3)
    #expect(memory.bytes == 0 && memory.forgotten == 0)
  }

  @Test("where there is no room, those before stay, those that come are counted, and an end makes room")
  func bound() {
    let records = Self.records(5)
    var memory = ConnectionMemory<Int>(limit: 5000)
    let isNoted = records.enumerated().map { memory.note($0, of: $1, cost: 2000) }
    #expect(isNoted == [true, true, false, false, false])
    #expect(memory[1] == 0 && memory[2] == 1 && memory[3] == nil)
    #expect(memory.forgotten == 3 && memory.bytes == 4000)
    memory.forget(1)
    let hasRoom = memory.note(7, of: records[4], cost: 1)
    #expect(hasRoom)
    #expect(memory[5] == 7 && memory.bytes == 3024)
    // What is noted again takes the place of what was.
    let hasRoomAgain = memory.note(8, of: records[4], cost: 3000)
    #expect(hasRoomAgain)
    #expect(memory[5] == 8 && memory.bytes == 5000)
    let hasRoomForMore = memory.note(9, of: records[4], cost: 3001)
    #expect(!hasRoomForMore)
    #expect(memory[5] == nil && memory.bytes == 2000)
  }

  @Test("of those that were refused, the last ones are remembered")
  func refused() {
    let records = Self.records(RefusedConnections.most + 10, isRefused: true)
    var memory = ConnectionMemory<UInt64>()
    for record in records { memory.note(record.connection.number, of: record, cost: 0) }
    #expect(records.allSatisfy { !$0.isUpgraded } && records.count == RefusedConnections.most + 10)
    #expect(memory[10] == nil && memory[11] == 11 && memory.forgotten == 0)
    #expect(memory.bytes == 1024 * RefusedConnections.most)
  }
}
