import Capture
import Foundation
import TestSupport
import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A capture of a WebSocket whose server sends what a test wants to see on the wire.
struct ServerCapture {
  private var capture = CaptureBuilder()
  private var clientNext: UInt32 = 1000
  private var serverNext: UInt32 = 5_000_000

  /// A TCP connection with its opening handshake (the key and accept value of RFC 6455 §1.3), with or without
  /// permessage-deflate.
  init(compresses: Bool = false) {
    segment(fromServer: false, [], flags: .syn)
    segment(fromServer: true, [], flags: [.syn, .ack])
    segment(fromServer: false, [])
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    let end = compresses ? "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" : "\r\n"
    let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    segment(fromServer: false, Array("GET /chat HTTP/1.1\r\nHost: example.org\r\n\(upgrade)\(key)\(end)".utf8))
    segment(fromServer: true, Array("HTTP/1.1 101 Switching Protocols\r\n\(upgrade)\(accept)\(end)".utf8))
  }

  /// The capture as a pcap file.
  var pcap: [UInt8] { capture.pcap() }

  /// Adds a frame of the server, with FIN; RSV1 if it `isCompressed`.
  mutating func frame(_ opcode: UInt8, _ payload: [UInt8], isCompressed: Bool = false) {
    let bytes = frameBytes((isCompressed ? 0xC0 : 0x80) | opcode, payload)
    for start in stride(from: 0, to: bytes.count, by: 60_000) {
      segment(fromServer: true, Array(bytes[start..<min(start + 60_000, bytes.count)]))
    }
  }

  private mutating func segment(fromServer: Bool, _ payload: [UInt8], flags: TCPFlags = .ack) {
    let (source, destination) =
      fromServer ? (PacketBuilder.server, PacketBuilder.client) : (PacketBuilder.client, PacketBuilder.server)
    let (next, peerNext) = fromServer ? (serverNext, clientNext) : (clientNext, serverNext)
    capture.add(
      PacketBuilder.tcp(from: source, to: destination, seq: next, ack: peerNext, flags: flags, payload: payload))
    let advance = UInt32(payload.count) + (flags.contains(.syn) ? 1 : 0)
    if fromServer { serverNext += advance } else { clientNext += advance }
  }
}

/// The packets of the sample `name`, in file order.
func packets(of name: String) throws -> [(time: Timestamp, bytes: [UInt8])] {
  let file = try SampleFiles.capture(name)
  var reader = CaptureReader()
  var position = 0
  var packets: [(Timestamp, [UInt8])] = []
  while let event = try reader.finish(file.span.bytes, &position) {
    if case .packet(let packet) = event { packets.append((packet.time, Array(file[packet.data]))) }
  }
  return packets
}

/// The golden file `name`.
func golden(_ name: String) throws -> String {
  try String(contentsOf: GoldenFile.folder.appending(path: name), encoding: .utf8)
}

/// A terminal that a program can be given, and whose text can be read.
final class PseudoTerminal {
  /// The side for the program.
  let programSide: FileHandle
  private let master: Int32

  /// A terminal of so many columns; nil where the system has none to give.
  init?(columns: UInt16) {
    var (master, side): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 25, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&master, &side, nil, nil, &size) == 0 else { return nil }
    // Other programs that tests start meanwhile must not keep it open.
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    _ = fcntl(side, F_SETFD, FD_CLOEXEC)
    self.master = master
    programSide = FileHandle(fileDescriptor: side, closeOnDealloc: true)
  }

  deinit { close(master) }

  /// What was written up to the end, which comes when nobody has the program's side open any more.
  func text(of tool: RunningTool) throws -> String {
    try programSide.close()
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(master, &piece, piece.count)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    _ = try tool.finish()
    return String(decoding: bytes, as: UTF8.self)
  }
}
