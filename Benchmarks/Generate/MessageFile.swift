/// The compressed messages of a capture, for `zlibloop.c`: of each the number of its sender's stream and its length, 32 bits
/// each, least significant byte first, and its bytes as they are on the wire.
final class MessageFile {
  private let file: BufferedFile

  /// A new file at `path`.
  init(_ path: String) throws(GenerateError) { file = try BufferedFile(path) }

  /// Appends a message of the sender with the number `stream`.
  func append(_ message: [UInt8], stream: Int) {
    file.add { buffer in
      for number in [UInt32(stream), UInt32(message.count)] {
        Swift.withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
      }
      buffer.append(contentsOf: message)
    }
  }

  /// Writes what is left. Throws if anything could not be written.
  func finish() throws(GenerateError) { try file.finish() }
}
