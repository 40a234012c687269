import Bytes
import Capture
import Foundation
import TestSupport
import Testing

@testable import Export

/// Times as RFC 3339 writes them, from 1678 to 2262.
struct TimestampWriterTests {
  private static func text(_ nanoseconds: Int64) -> String {
    var times = TimestampWriter()
    return text(nanoseconds, &times)
  }

  private static func text(_ nanoseconds: Int64, _ times: inout TimestampWriter) -> String {
    var writer = ByteWriter()
    times.write(Timestamp(nanoseconds: nanoseconds), to: &writer)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"),
      (1, "1970-01-01T00:00:00.000000001Z"),
      (-1, "1969-12-31T23:59:59.999999999Z"),
      (-1_000_000_000, "1969-12-31T23:59:59.000000000Z"),
      (-86_400_000_000_001, "1969-12-30T23:59:59.999999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),  // a leap year, though divisible by 100
      (951_868_799_999_999_999, "2000-02-29T23:59:59.999999999Z"),
      (951_868_800_000_000_000, "2000-03-01T00:00:00.000000000Z"),
      (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000000000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),  // no leap year
      (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000000Z"),
      (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000000000Z"),  // nor this
      (-2_203_891_201_000_000_000, "1900-02-28T23:59:59.000000000Z"),
      (1_483_228_799_999_999_999, "2016-12-31T23:59:59.999999999Z"),  // before a leap second, which UNIX time has not
      (1_483_228_800_000_000_000, "2017-01-01T00:00:00.000000000Z"),
      (1_795_142_460_123_456_789, "2026-11-20T02:41:00.123456789Z"),
      (4_294_967_296_000_000_000, "2106-02-07T06:28:16.000000000Z"),  // past what 32 bits of seconds hold
      (.max, "2262-04-11T23:47:16.854775807Z"),
      (.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)])
  func aTimeIsWrittenInUTCWithNanoseconds(nanoseconds: Int64, expected: String) {
    #expect(Self.text(nanoseconds) == expected)
  }

  @Test func everyDayOfFiveCenturiesIsTheCalendarsDay() throws {
    var calendar = Calendar(identifier: .iso8601)  // proleptic Gregorian
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for days in stride(from: -100_000, through: 100_000, by: 97) {
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      let ours = civil(Int64(days))
      #expect(
        [Int64(parts.year ?? 0), Int64(parts.month ?? 0), Int64(parts.day ?? 0)] == [ours.year, ours.month, ours.day])
    }
  }

  @Test func daysFollowOneAnother() {
    var last = civil(-800_000)
    for days in Int64(-799_999)...800_000 {
      let next = civil(days)
      let isSuccessor =
        (next.year == last.year && next.month == last.month && next.day == last.day + 1)
        || (next.year == last.year && next.month == last.month + 1 && next.day == 1 && last.day >= 28)
        || (next.year == last.year + 1 && next.month == 1 && next.day == 1 && last.month == 12 && last.day == 31)
      if !isSuccessor { Issue.record("\(next) does not follow \(last)") }
      last = next
    }
  }

  @Test func whatIsKeptOfTheLastSecondIsForgottenWithTheNext() {
    var times = TimestampWriter()
    let second: Int64 = 1_000_000_000
    // Forth and back, across seconds, days and the epoch.
    for nanoseconds in [
      0, 1, second - 1, second, 1, -1, 0, -second, 86_400 * second, 86_400 * second - 1, .max, .min, 0,
    ] {
      #expect(Self.text(nanoseconds, &times) == Self.text(nanoseconds))
    }
  }

  @Test func oneWriterAndManyAgreeOnAnyTimes() {
    let seed = UInt64.random(in: 0 ... .max)
    var chance = SeededGenerator(seed: seed)
    var times = TimestampWriter()
    for _ in 0..<2000 {
      let nanoseconds = Int64(bitPattern: chance.next()) >> (chance.next() % 40)
      #expect(Self.text(nanoseconds, &times) == Self.text(nanoseconds), "seed \(seed)")
    }
  }
}
