import Bytes
import CZlib
import CZstd
import Capture
import Foundation

@testable import WSTapCommand

/// One packet of a merged reading: its file, number, time in seconds, and first byte.
struct MergedPacket: Equatable, CustomStringConvertible {
  var file: Int
  var number: UInt64
  var seconds: Int64
  var byte: UInt8?

  var description: String { "file \(file), packet \(number), \(seconds) s" }
}

/// Everything that came of reading inputs.
struct MergedReading {
  var packets: [MergedPacket] = []
  var interfaces: [Int] = []
  var faults: [CaptureFault.Kind] = []
  var errors: [InputError] = []
  var contents: [InputContents] = []
  var bytesRead: UInt64 = 0
  /// The most files below `folder` that were open at once (Linux only).
  var mostOpenFiles = 0

  init(_ paths: [String], countingOpenFilesIn folder: String? = nil) {
    var merge = CaptureMerge(paths.map { .file($0) })
    while let event = merge.next() {
      switch event {
      case .packet(let packet):
        let byte = packet.data.isEmpty ? nil : merge.current.buffer[packet.data.lowerBound]
        packets.append(
          MergedPacket(
            file: merge.file, number: packet.number, seconds: packet.time.nanoseconds / 1_000_000_000, byte: byte))
      case .interface: interfaces.append(merge.file)
      case .fault(let fault): faults.append(fault.kind)
      case .secrets, .statistics, .other: break
      }
      if let folder { mostOpenFiles = max(mostOpenFiles, Self.openFiles(in: folder)) }
    }
    errors = merge.errors
    contents = merge.contents
    bytesRead = merge.bytesRead
  }

  private static func openFiles(in folder: String) -> Int {
    let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    let name = URL(fileURLWithPath: folder).lastPathComponent
    return links.count { link in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(link)"))?.contains(name) == true
    }
  }
}

/// A capture with packets at these seconds, each of one byte that tells which it is.
func capture(at seconds: [Int64], first: UInt8 = 0) -> [UInt8] {
  let writer = PcapWriter()
  var file: [UInt8] = []
  writer.appendHeader(linkType: .raw, to: &file)
  for (index, second) in seconds.enumerated() {
    let byte = [first &+ UInt8(truncatingIfNeeded: index)]
    writer.appendPacket(byte.span.bytes, time: Timestamp(nanoseconds: second * 1_000_000_000), to: &file)
  }
  return file
}

/// Writes a new file and returns its path.
func write(_ bytes: [UInt8], _ name: String, in folder: String) throws -> String {
  let path = folder + "/" + name
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  return path
}

/// `bytes`, packed.
func pack(_ bytes: [UInt8], _ format: CompressionFormat) -> [UInt8] {
  var packed = [UInt8](repeating: 0, count: bytes.count + 1000)
  switch format {
  case .zstd:
    let count = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 1)
    return Array(packed.prefix(count))
  case .gzip:
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    defer { deflateEnd(&stream) }
    var source = bytes
    return source.withUnsafeMutableBufferPointer { source in
      packed.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        deflate(&stream, Z_FINISH)
        return Array(target.prefix(target.count - Int(stream.avail_out)))
      }
    }
  }
}
