import Capture
import TestSupport
import Testing

@testable import Statistics

@Suite("Times of pings, and messages over time")
struct TimeTests {
  private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(nanoseconds: milliseconds * 1_000_000) }

  @Test("those that are out of order or too far apart have no duration")
  func hostileTimes() {
    let extremes = [Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max), time(0)]
    for start in extremes {
      for end in extremes {
        var (pings, rate) = (PingTimes(), RateSeries())
        pings.ping([1], at: start)
        let isTold = start <= end && (start == end || start == extremes[2])
        #expect((pings.pong([1], at: end) != nil) == isTold)
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
