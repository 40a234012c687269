import Capture
import Foundation
import TestSupport
import Testing

@testable import Transport

/// Wireshark's opinion, where it is installed.
@Suite struct PacketDecoderOracleTests {
  static let tshark = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/tshark" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test("tshark sees the same segments", .enabled(if: tshark != nil, "tshark is not installed"))
  func sameSegments() throws {
    let tshark = try #require(Self.tshark)
    let packets = Self.packets()
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pcapng")
    try Data(Self.capture(packets)).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }

    let fields = ["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len", "tcp.payload"]
    let options = ["-n", "-r", file.path, "-T", "fields", "-E", "occurrence=l", "-E", "separator=;"]
    let settings = ["tcp.check_checksum:TRUE", "vxlan.udp.port:4789,8472"].flatMap { ["-o", $0] }
    let output = try Self.run(
      tshark, options + settings + (fields + ["tcp.checksum.status"]).flatMap { ["-e", $0] })
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.count >= packets.count)

    var decoder = PacketDecoder()
    for ((name, linkType, bytes), line) in zip(packets, lines) {
      #expect(Self.line(decode(bytes, linkType, by: &decoder)) == line, "\(name)")
    }
  }

  /// What tshark should print of a packet.
  private static func line(_ decoded: (content: PacketContent, payload: [UInt8])) -> String {
    guard let segment = decoded.content.segment else { return ";;;;;;;" }
    func hex(_ value: UInt8) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
    let numbers = [
      "\(segment.source.port)", "\(segment.destination.port)", "\(segment.sequence.rawValue)",
      "\(segment.acknowledgment.rawValue)", "0x00" + hex(segment.flags.rawValue), "\(segment.payloadLength)",
      decoded.payload.map(hex).joined(), segment.checksum == .valid ? "1" : "0",
    ]
    return numbers.joined(separator: ";")
  }

  private static func packets() -> [(name: String, LinkType, [UInt8])] {
    var result: [(name: String, LinkType, [UInt8])] = []
    var number: UInt16 = 0
    for wrap in PacketWrap.common {
      for (from, to) in [(P.client, P.server), (P.client6, P.server6)] {
        for form in [PacketBuilder.Checksum.right, .wrong] {
          number += 1
          // A connection of its own, with a port that no protocol has.
          let from = Endpoint(from.address, port: 20_000 + number)
          let to = Endpoint(to.address, port: 40_000 + number)
          let payload = (0..<Int(number)).map { UInt8(truncatingIfNeeded: $0) }
          let datagram = P.tcpDatagram(
            from: from, to: to, seq: 0xffff_ff00 &+ UInt32(number), ack: 1_000_000 + UInt32(number),
            flags: [.ack, .psh], payload: payload, options: [1, 1, 1, 1], checksum: form)
          result.append((wrap.testDescription, wrap.linkType, wrap.around(datagram)))
          let fragments = P.fragments(of: datagram, size: 32, identification: UInt32(number))
          guard form == .right, fragments.count > 1 else { continue }
          for fragment in fragments.reversed() {
            result.append(("\(wrap.testDescription), fragment", wrap.linkType, wrap.around(fragment)))
          }
        }
      }
    }
    return result
  }

  /// A pcapng file: a section, an interface for each packet, and the packets.
  private static func capture(_ packets: [(name: String, LinkType, [UInt8])]) -> [UInt8] {
    func le16(_ value: UInt16) -> [UInt8] { P.be16(value).reversed() }
    func le32(_ value: Int) -> [UInt8] { P.be32(UInt32(value)).reversed() }
    func block(_ type: Int, _ body: [UInt8]) -> [UInt8] {
      let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
      return le32(type) + le32(padded.count + 12) + padded + le32(padded.count + 12)
    }
    var file = block(0x0a0d_0d0a, le32(0x1a2b_3c4d) + le16(1) + le16(0) + [UInt8](repeating: 0xff, count: 8))
    for packet in packets { file += block(1, le16(packet.1.rawValue) + le16(0) + le32(0)) }
    for (number, packet) in packets.enumerated() {
      let count = packet.2.count
      file += block(6, le32(number) + le32(0) + le32(number) + le32(count) + le32(count) + packet.2)
    }
    return file
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
