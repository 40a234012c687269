import Bytes
import Capture

/// The pcap file being written.
final class Trace {
  private let writer = PcapWriter(order: .little, resolution: .microseconds)
  private let file: BufferedFile
  /// Packets written.
  private(set) var packets = 0
  /// The time of the next packet, in nanoseconds since 1970.
  var time: Int64 = 1_767_225_600_000_000_000

  /// A new file at `path`, with its header.
  init(_ path: String) throws(GenerateError) {
    file = try BufferedFile(path)
    file.add { writer.appendHeader(linkType: .ethernet, to: &$0) }
  }

  /// Bytes of the file so far.
  var size: Int { file.size }

  /// Appends a packet.
  func append(_ packet: RawSpan) {
    file.add { writer.appendPacket(packet, time: Timestamp(nanoseconds: time), to: &$0) }
    packets += 1
  }

  /// Writes what is left. Throws if anything could not be written.
  func finish() throws(GenerateError) { try file.finish() }
}
