import Bytes
import Capture
import Testing
import TestSupport

@Suite("A file that is no capture")
struct ForeignFileTests {
  @Test("is named for what it is, with what to do about it")
  func recognised() throws {
    let files: [(start: [UInt8], name: String, advice: String)] = [
      ([0x1f, 0x8b, 8, 0], "gzip", "gzip -dc"),
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "zstd -dc"),
      ([0xfd] + Array("7zXZ\0".utf8), "xz", "xz -dc"),
      ([4, 0x22, 0x4d, 0x18], "lz4", "lz4 -dc"),
      (Array("BZh9".utf8), "bzip2", "bzip2 -dc"),
      (Array("PK\u{3}\u{4}".utf8), "zip", "unzip"),
      (Array("snoop\0\0\0\0\0\0\u{2}".utf8), "snoop", "editcap"),
      (Array("GMBU".utf8), "Network Monitor", "editcap"),
      (Array("RTSS".utf8), "Network Monitor", "editcap"),
      (Array("TRSNIFF data    \u{1a}".utf8), "Sniffer", "editcap"),
      (Array("iptrace 2.0".utf8), "iptrace", "editcap"),
      ([0xa1, 0xb2, 0xc3, 0xcd], "pcap capture of an unknown kind", "editcap"),
      ([0xcd, 0xc3, 0xb2, 0xa1], "pcap capture of an unknown kind", "editcap"),
      ([0x7f] + Array("ELF".utf8), "ELF", "not a packet capture"),
      (Array("CLIENT_RANDOM 0011".utf8), "TLS key log", "not a packet capture"),
    ]
    for file in files {
      let content = file.start + [UInt8](repeating: 0, count: 100)
      let message = try #require(Reading(content).error?.message)
      #expect(message.contains(file.name))
      #expect(message.contains(file.advice))
    }
  }

  @Test("but text is called text")
  func text() {
    let texts = ["{\"log\": {\"version\": \"1.2\"}}       ": "JSON", "\n\n [1, 2, 3] and so on and so on": "JSON"]
    for (content, name) in texts.merging(
      ["Grüße an die Mäuse, heute.": "text", "hello\n": "text"], uniquingKeysWith: { $1 })
    {
      #expect(Reading(Array(content.utf8)).error?.message.hasPrefix(name) == true)
    }
  }

  @Test("and like nothing known gets general advice")
  func unknown() {
    let reading = Reading([UInt8](repeating: 0xee, count: 5000))
    #expect(reading.error == .notACapture(looksLike: nil))
    #expect(reading.error?.message.contains("editcap IN OUT.pcapng") == true)
  }

  @Test("for lack of bytes says so")
  func short() {
    #expect(Reading([]).error == .empty)
    #expect(Reading([0]).error == .notACapture(looksLike: nil))
    var capture = CaptureBuilder()
    capture.add([1])
    for file in [capture.pcap(order: .big), capture.pcap(), capture.pcapng()] {
      for length in 4..<24 { #expect(Reading(Array(file.prefix(length))).error == .headerCutOff) }
    }
  }

  @Test("of a version that nobody knows is not guessed at")
  func versions() {
    let words = Blocks(.big)
    let pcap = words.word(0xa1b2_c3d4) + words.half(3) + words.half(1) + [UInt8](repeating: 0, count: 16)
    #expect(Reading(pcap).error == .unsupportedVersion(format: "pcap", major: 3, minor: 1))
    var pcapng = Blocks(.little)
    pcapng.section(major: 2, minor: 7)
    #expect(Reading(pcapng.bytes).error == .unsupportedVersion(format: "pcapng", major: 2, minor: 7))
    var unmarked = pcapng.bytes
    unmarked[8] = 0
    #expect(Reading(unmarked).error == .notACapture(looksLike: nil))
  }
}
