import Capture
import TestSupport
import Testing

@testable import Statistics

@Suite("Requests and their replies")
struct RequestTests {
  private func read(_ text: String) -> [RPCMessage] { RPCMessage.all(in: Array(text.utf8).span.bytes) }

  @Test("are told by their members, as JSON-RPC 2.0 names them")
  func messages() {
    let one = Array("1".utf8)
    #expect(
      read(#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#)
        == [.request(id: one, method: "subtract")])
    #expect(read(#"{"jsonrpc": "2.0", "result": 19, "id": 1}"#) == [.reply(id: one, isError: false)])
    #expect(
      read(#"{"jsonrpc": "2.0", "error": {"code": -32601, "message": "?", "id": 7}, "id": 1}"#)
        == [.reply(id: one, isError: true)])
    #expect(read(#"{"id":1,"result":{"a":[{"id":2}]},"error":null}"#) == [.reply(id: one, isError: false)])
    #expect(read(#"{"id":"1","method":"caf\u00e9"}"#) == [.request(id: Array("\"1".utf8), method: "café")])
  }

  @Test("may come in a batch")
  func batch() {
    #expect(
      read(#"[{"id":1,"method":"a"},{"method":"notify"},{"id":2,"method":"b"}]"#)
        == [.request(id: Array("1".utf8), method: "a"), .request(id: Array("2".utf8), method: "b")])
  }

  @Test(
    "are nothing else",
    arguments: [
      "", "{}", "[]", "7", "null", "[1,2]", #"{"id":1}"#, #"{"method":"a"}"#, #"{"id":null,"result":1}"#,
      #"{"id":{},"method":"a"}"#,
      #"{"id":1,"method":"a""#, #"{"id":1,"method":5}"#, "hello",
    ])
  func none(_ text: String) { #expect(read(text) == []) }

  private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(nanoseconds: milliseconds * 1_000_000) }

  @Test("are paired by id, in any order, and only once")
  func pairs() {
    var pairs = RequestPairs()
    pairs.request([1], 0, at: time(10))
    pairs.request([2], 1, at: time(11))
    let second = pairs.reply([2], at: time(15))
    #expect(second?.method == 1 && second?.time == 4_000_000)
    #expect(pairs.reply([1], at: time(30))?.time == 20_000_000)
    #expect(pairs.reply([1], at: time(31)) == nil && pairs.unanswered == 0)
    pairs.request([3], 2, at: time(40))
    pairs.request([3], 2, at: time(41))
    #expect(pairs.reply([3], at: time(42))?.time == 1_000_000 && pairs.unanswered == 1)
  }

  @Test("that nobody replies to are forgotten, the oldest first, and counted")
  func forgotten() {
    var pairs = RequestPairs()
    for i in 0..<1000 { pairs.request([UInt8(i % 250), UInt8(i / 250)], nil, at: time(Int64(i))) }
    #expect(pairs.unanswered == UInt64(RequestPairs.most) && pairs.forgotten == 1000 - UInt64(RequestPairs.most))
    #expect(pairs.reply([0, 0], at: time(2000)) == nil)
    #expect(pairs.reply([249, 3], at: time(2000))?.time == 1001 * 1_000_000)
    let known = pairs.remembered
    pairs.request([1, 9], nil, at: time(2001), mayGrow: false)
    #expect(pairs.remembered == known && pairs.reply([1, 9], at: time(2002))?.time == 1_000_000)
    let forgotten = pairs.forgotten
    pairs.forgetAll()
    #expect(pairs.remembered == 0 && pairs.unanswered + forgotten == 999 && pairs.forgotten == forgotten)
  }

  @Test("of times that are out of order or too far apart have no duration")
  func hostileTimes() {
    let extremes = [Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max), time(0)]
    for start in extremes {
      for end in extremes {
        var (pairs, pings, rate) = (RequestPairs(), PingTimes(), RateSeries())
        pairs.request([1], nil, at: start)
        pings.ping([1], at: start)
        let isTold = start <= end && (start == end || start == extremes[2])
        #expect((pairs.reply([1], at: end) != nil) == isTold && (pings.pong([1], at: end) != nil) == isTold)
        #expect(pairs.unanswered == 0)
        rate.add(start)
        rate.add(end)
        rate.add(start)
        #expect(rate.counts.reduce(0, +) == 3 && rate.counts.count <= RateSeries.mostSlots)
      }
    }
  }

  @Test("a pong answers the ping with its payload, and with it those before")
  func pings() {
    var pings = PingTimes()
    pings.ping([1], at: time(1))
    pings.ping([2], at: time(2))
    pings.ping([3], at: time(3))
    #expect(pings.pong([9], at: time(4)) == nil)
    #expect(pings.pong([2], at: time(5)) == 3_000_000)
    #expect(pings.pong([1], at: time(6)) == nil)
    #expect(pings.pong([3], at: time(6)) == 3_000_000)
  }

  @Test("messages are counted by the second, in longer slots where there are too many")
  func rate() {
    var rate = RateSeries()
    for second in 0..<256 { rate.add(time(Int64(second) * 1000)) }
    #expect(rate.counts == [UInt64](repeating: 1, count: 256) && rate.slotLength == 1_000_000_000)
    rate.add(time(256_000))
    #expect(rate.counts == [UInt64](repeating: 2, count: 128) + [1] && rate.slotLength == 2_000_000_000)
    rate.add(Timestamp(nanoseconds: .max))
    rate.add(Timestamp(nanoseconds: .min))
    #expect(rate.counts.count <= RateSeries.mostSlots && rate.counts.reduce(0, +) == 259)
  }
}
