import TestSupport
import Testing

@testable import Statistics

@Suite("A distribution")
struct DistributionTests {
  @Test("has exact percentiles, by nearest rank, while there are few values")
  func exact() {
    var times = Distribution()
    #expect(times.percentile(0.5) == nil && times.mean == nil)
    for value in [15, 20, 35, 40, 50] as [UInt64] { times.add(value) }
    #expect([0, 0.05, 0.3, 0.4, 0.5, 1].map { times.percentile($0) } == [15, 15, 20, 20, 35, 50])
    #expect(times.mean == 32 && times.minimum == 15 && times.maximum == 50 && times.isExact)
    #expect(times.byMagnitude[4] == 1 && times.byMagnitude[5] == 1 && times.byMagnitude[6] == 3)
  }

  @Test("is never more than 0.8 % above the exact percentile, and never below it, with many values")
  func many() {
    var random = SeededGenerator.announced("distributions")
    for _ in 0..<20 {
      let bits = UInt64.random(in: 1...63, using: &random)
      let values = (0..<10_000).map { _ in random.next() >> (64 - UInt64.random(in: 1...bits, using: &random)) }
      var distribution = Distribution()
      for value in values { distribution.add(value) }
      let sorted = values.sorted()
      #expect(!distribution.isExact && distribution.count == 10_000)
      for share in [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
        let exact = sorted[max(1, Int((share * 10_000).rounded(.up))) - 1]
        let told = distribution.percentile(share) ?? 0
        #expect(told >= exact && Double(told - exact) <= Double(exact) / 128, "\(share) of \(bits) bits")
      }
    }
    var extremes = Distribution()
    for i in 0..<10_000 { extremes.add(i % 2 == 0 ? 0 : .max) }
    #expect(extremes.percentile(0.5) == 0 && extremes.percentile(0.51) == .max)
  }
}
