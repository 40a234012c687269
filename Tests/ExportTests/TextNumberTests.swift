import Bytes
import Testing

@testable import Export

@Suite("Numbers as people say them")
struct TextNumberTests {
  @Test("sizes have two digits or three")
  func sizes() {
    let cases: [(UInt64, String)] = [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1249, "1.2 kB"), (1250, "1.3 kB"), (9949, "9.9 kB"),
      (9950, "10 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (34_000_000, "34 MB"), (5_000_000_000, "5.0 GB"),
      (.max, "18 EB"),
    ]
    for (bytes, text) in cases { #expect(Phrase.size(bytes) == text) }
  }

  @Test("durations have a unit that fits")
  func durations() {
    let cases: [(Int64, String)] = [
      (0, "0 µs"), (850_999, "850 µs"), (3_990_000, "3.9 ms"), (12_000_000, "12 ms"), (12_345_000_000, "12.3 s"),
      (119_990_000_000, "119.9 s"), (120_000_000_000, "2 min 0 s"),
      (200_000_000_000, "3 min 20 s"), (7_500_000_000_000, "2 h 5 min"), (-1_500_000, "-1.5 ms"),
      (.max, "2562047 h 47 min"),
    ]
    for (nanoseconds, text) in cases { #expect(Phrase.duration(nanoseconds) == text) }
  }

  @Test("differences take ten columns whatever they are")
  func differences() {
    let cases: [(Int64, String)] = [
      (0, " +0.000000"), (1_234_567, " +0.001234"), (-1_234_567, " -0.001234"), (12_345_678_901, "+12.345678"),
      (123_456_789_000, "+123.45678"), (12_345_678_000_000_000, " +12345678"), (123_456_789_000_000_000, "+123456789"),
    ]
    for (nanoseconds, text) in cases { #expect(Phrase.text { $0.difference(nanoseconds) } == text) }
    for value in [Int64.min, .max] { #expect(Phrase.text { $0.difference(value) }.utf8.count >= 10) }
  }

  @Test("times have six decimals")
  func times() {
    #expect(Phrase.seconds(1_234_567) == "0.001234")
    #expect(Phrase.seconds(-1_500_000_000) == "-1.500000")
    #expect(Phrase.text { $0.alignedSeconds(12_000_000_000, width: 12) } == "   12.000000")
    #expect(Phrase.date(time(0)) == "2026-11-20 02:41:00.123456 UTC")
    #expect(Phrase.date(.init(nanoseconds: -1)) == "1969-12-31 23:59:59.999999 UTC")
  }

  @Test("counts know their plural")
  func counts() {
    #expect(Phrase.count(0, "frame") == "0 frames")
    #expect(Phrase.count(1, "frame") == "1 frame")
    #expect(Phrase.count(2, "frame") == "2 frames")
  }
}
