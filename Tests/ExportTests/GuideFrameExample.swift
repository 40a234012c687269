// The guide's example of the module WebSocket alone, as it stands there: see GuideExample.swift.
// Guide begins.
import WebSocket

/// Lists the frames that one end sends, in pieces of any size: what follows its opening handshake.
struct FrameList {
  private var decoder = FrameDecoder()
  private var header: FrameHeader?
  private var payload: [UInt8] = []

  /// Takes the next bytes, and tells which frames they complete.
  mutating func take(_ bytes: [UInt8]) -> [String] {
    var (lines, position): ([String], Int) = ([], 0)
    while let event = decoder.next(bytes.span.bytes, &position) {
      switch event {
      case .header(let next):
        header = next
        payload = []
      case .payload(let range, let isLast):
        payload += bytes[range]
        guard isLast, let header else { break }
        // RFC 6455 §5.3; the key is 0 where there is no mask.
        let plain = payload.enumerated().map { index, byte in
          byte ^ UInt8(truncatingIfNeeded: header.maskingKey >> (24 - 8 * (index % 4)))
        }
        lines.append("\(header.opcode.name), \(header.payloadLength) bytes: \(String(decoding: plain, as: UTF8.self))")
      case .missing, .lost: break  // only after `skip`, which tells of bytes that were never received
      }
    }
    return lines
  }
}
// Guide ends.
