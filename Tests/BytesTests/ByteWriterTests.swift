import Bytes
import TestSupport
import Testing

/// What `body` writes.
func written(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
  var writer = ByteWriter()
  body(&writer)
  return writer.withBytes { Array($0) }
}

/// What `body` writes, as text.
func writtenText(_ body: (inout ByteWriter) -> Void) -> String { String(decoding: written(body), as: UTF8.self) }

@Suite("Numbers as text")
struct NumberWritingTests {
  @Test("grouped numbers")
  func groups() {
    #expect([0, 999, 1000, 1_234_567].map { grouped($0) } == ["0", "999", "1,000", "1,234,567"])
  }

  @Test("decimals have all their digits at each power of ten and beside it")
  func powersOfTen() {
    var power: UInt64 = 1
    for exponent in 0...19 {
      for value in [power - 1, power, power + 1] {
        #expect(writtenText { $0.decimal(value) } == "\(value)", "10^\(exponent)")
      }
      power = power.multipliedReportingOverflow(by: 10).partialValue
    }
    for value in [.max, .max - 1, 1 << 63, (1 << 63) - 1] as [UInt64] {
      #expect(writtenText { $0.decimal(value) } == "\(value)")
    }
  }

  @Test("signed decimals, down to the least", arguments: [0, 1, -1, 9, -9, 10, -10, 12345, -98765, Int.max, Int.min])
  func signed(value: Int) {
    #expect(writtenText { $0.decimal(value) } == "\(value)")
  }

  @Test("a width pads with zeros, or keeps the last digits")
  func width() {
    #expect(writtenText { $0.decimal(7, width: 3) } == "007")
    #expect(writtenText { $0.decimal(0, width: 1) } == "0")
    #expect(writtenText { $0.decimal(1234, width: 2) } == "34")
    #expect(writtenText { $0.decimal(.max, width: 20) } == "18446744073709551615")
    #expect(writtenText { $0.decimal(1, width: 0) } == "")
  }

  @Test("hexadecimal digits are in lower case, and as many as asked for")
  func hexadecimal() {
    #expect(writtenText { $0.hex(0xDEAD_BEEF, digits: 8) } == "deadbeef")
    #expect(writtenText { $0.hex(0x0123_4567_89AB_CDEF, digits: 16) } == "0123456789abcdef")
    #expect(writtenText { $0.hex(0xABCD, digits: 2) } == "cd")
    #expect(writtenText { $0.hex(1, digits: 4) } == "0001")
    #expect(writtenText { $0.hex(.max, digits: 18) } == "00ffffffffffffffff")
  }

  @Test("seconds have no more decimals than they need")
  func seconds() {
    let cases: [(Int64, String)] = [
      (0, "0"), (1, "0.000000001"), (1_000_000_000, "1"), (1_500_000_000, "1.5"), (-500_000_000, "-0.5"),
      (60_000_000_001, "60.000000001"), (123_456_789, "0.123456789"), (100, "0.0000001"),
      (999_999_999, "0.999999999"), (-1, "-0.000000001"), (.max, "9223372036.854775807"),
      (.min, "-9223372036.854775808"),
    ]
    for (nanoseconds, text) in cases { #expect(writtenText { $0.seconds(nanoseconds: nanoseconds) } == text) }
  }
}

@Suite("A writer's buffer")
struct WriterBufferTests {
  /// Takes what a writer hands over.
  private final class Drain {
    var bytes: [UInt8] = []
    var largest = 0

    func take(_ piece: UnsafeRawBufferPointer) {
      bytes += Array(piece)
      largest = max(largest, piece.count)
    }
  }

  @Test("all that is written comes out, in order, however often it is handed over")
  func order() {
    let drain = Drain()
    var writer = ByteWriter(threshold: 100)
    writer.drain = { drain.take($0) }
    var expected = ""
    for number in 0..<2000 {
      writer.decimal(number)
      writer.literal(", ")
      writer.text("nümber")
      writer.byte(0x0A)
      writer.flushIfFull()
      expected += "\(number), nümber\n"
    }
    writer.flush()
    #expect(drain.bytes == Array(expected.utf8))
    #expect(drain.largest < 120)
    #expect(writer.count == 0)
  }

  @Test("long contents pass through in pieces: the buffer never holds more than the threshold and one piece")
  func bounded() {
    let piece = 6 * 32 * 1024  // 32 KiB of control characters, escaped: the longest
    let long = [UInt8](repeating: 1, count: 1_000_000)
    let text = String(repeating: "text ", count: 100_000)
    let escaped = (0..<1_000_000).reduce(into: [UInt8]()) { bytes, _ in bytes += Array("\\u0001".utf8) }
    let writes: [(String, [UInt8], (inout ByteWriter) -> Void)] = [
      ("raw", long, { $0.raw(long.span.bytes) }),
      ("JSON", escaped, { $0.jsonEscaped(long.span.bytes) }),
      ("base64", Array("AQEB".utf8), { $0.base64(long.span.bytes) }),
      ("text", Array(text.utf8), { $0.text(text) }),
      ("JSON string", [0x22] + Array(text.utf8) + [0x22], { $0.jsonString(text) }),
    ]
    for threshold in [0, 1, 1000, 100_000] {
      for (name, expected, write) in writes {
        let drain = Drain()
        var writer = ByteWriter(threshold: threshold)
        writer.drain = { drain.take($0) }
        write(&writer)
        writer.flush()
        #expect(drain.largest <= max(threshold, 64 * 1024) + piece, "\(name), threshold \(threshold)")
        #expect(drain.bytes.starts(with: expected), "\(name), threshold \(threshold)")
      }
    }
  }

  @Test("a short record is handed over in one piece, however low the threshold")
  func shortRecords() {
    var pieces = 0
    var writer = ByteWriter(threshold: 1)
    writer.drain = { _ in pieces += 1 }
    for _ in 0..<10 {
      writer.literal("{\"text\":")
      writer.jsonString("no half lines for those who watch")
      writer.text(String(repeating: " and more", count: 1000))
      writer.literal("}\n")
      writer.flushIfFull()
    }
    #expect(pieces == 10)
  }

  @Test("without anyone to hand it to, it keeps all")
  func keeps() {
    let long = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(
      written {
        $0.raw(long.span.bytes)
        $0.flush()
        $0.flushIfFull()
        $0.fill(0x2D, 200_000)
        $0.fill(0x2D, 0)
        $0.fill(0x2D, -1)
        $0.raw([UInt8]().span.bytes)
      } == long + [UInt8](repeating: 0x2D, count: 200_000))
  }

  @Test("what was written can be taken back")
  func truncation() {
    #expect(
      writtenText {
        $0.literal("abc")
        $0.truncate(to: 1)
        $0.literal("d")
        $0.truncate(to: 5)
      } == "ad")
    #expect(
      writtenText {
        $0.literal("abc")
        $0.removeAll()
      } == "")
  }
}
