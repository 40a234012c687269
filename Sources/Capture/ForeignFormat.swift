import Bytes

/// A file that people take for a capture, or a capture in a format that is not read: told by its first bytes.
public struct ForeignFormat: Equatable, Sendable {
  /// What to do with it.
  public enum Remedy: Equatable, Sendable {
    /// Wireshark's editcap reads it.
    case convert
    /// Unpack it with this command.
    case unpack(String)
    /// Nothing: it is something else.
    case none
  }

  /// What it is, with an article: `a snoop capture`.
  public var name: String
  /// What to do with it.
  public var remedy: Remedy

  init(_ name: String, _ remedy: Remedy) {
    self.name = name
    self.remedy = remedy
  }

  /// What the file is and what to do about it, in one line.
  public var message: String {
    switch remedy {
    case .convert: "\(name), which is not read directly; convert it with: editcap IN OUT.pcapng"
    case .unpack(let command): "\(name); unpack it first with: \(command)"
    case .none: "\(name), not a packet capture; name a pcap or pcapng file"
    }
  }

  /// The bytes that begin a file of a format, and the format.
  private static let table: [(prefix: [UInt8], format: ForeignFormat)] = [
    // gzip and zstd are unpacked before the reader sees them: here, they were packed twice.
    ([0x1f, 0x8b], ForeignFormat("gzip data inside the file", .unpack("gzip -dc IN > OUT"))),
    ([0x28, 0xb5, 0x2f, 0xfd], ForeignFormat("zstd data inside the file", .unpack("zstd -dc IN > OUT"))),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], ForeignFormat("xz data", .unpack("xz -dc IN > OUT"))),
    ([0x04, 0x22, 0x4d, 0x18], ForeignFormat("lz4 data", .unpack("lz4 -dc IN > OUT"))),
    (Array("BZh".utf8), ForeignFormat("bzip2 data", .unpack("bzip2 -dc IN > OUT"))),
    ([0x50, 0x4b, 0x03, 0x04], ForeignFormat("a zip archive", .unpack("unzip IN"))),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], ForeignFormat("a 7-Zip archive", .unpack("7z x IN"))),
    (Array("Rar!".utf8), ForeignFormat("a RAR archive", .unpack("unrar x IN"))),
    (Array("snoop\0\0\0".utf8), ForeignFormat("a snoop capture", .convert)),
    (Array("btsnoop\0".utf8), ForeignFormat("a Bluetooth snoop log", .none)),
    (Array("RTSS".utf8), ForeignFormat("a Microsoft Network Monitor 1 capture", .convert)),
    (Array("GMBU".utf8), ForeignFormat("a Microsoft Network Monitor 2 capture", .convert)),
    (Array("TRSNIFF data".utf8), ForeignFormat("a Sniffer capture", .convert)),
    (Array("XCP\0".utf8), ForeignFormat("a NetXRay or Sniffer capture", .convert)),
    (Array("iptrace ".utf8), ForeignFormat("an AIX iptrace capture", .convert)),
    ([0x7f] + Array("ver".utf8), ForeignFormat("an OmniPeek capture", .convert)),
    ([0x7f] + Array("ELF".utf8), ForeignFormat("an ELF program", .none)),
    (Array("%PDF".utf8), ForeignFormat("a PDF document", .none)),
    ([0x1c, 0x00, 0x01, 0xac], ForeignFormat("an IXIA hardware capture", .convert)),
    ([0xac, 0x01, 0x00, 0x1c], ForeignFormat("an IXIA hardware capture", .convert)),
    ([0xa1, 0xb2], ForeignFormat("a pcap capture of an unknown kind", .convert)),
    (Array("CLIENT_RANDOM ".utf8), ForeignFormat("a TLS key log", .none)),
    (Array("SERVER_HANDSHAKE".utf8), ForeignFormat("a TLS key log", .none)),
    (Array("CLIENT_HANDSHAKE".utf8), ForeignFormat("a TLS key log", .none)),
  ]

  /// How many bytes `init(startingWith:)` looks at.
  static let prefixLength = 24

  /// The format of a file whose first bytes are `bytes` from `position` on; nil when nothing is recognised.
  init?(startingWith bytes: RawSpan, at position: Int) {
    let count = min(bytes.byteCount - position, Self.prefixLength)
    guard count >= 2 else { return nil }
    func byte(_ index: Int) -> UInt8 { bytes.u8(position + index) }

    for row in Self.table
    where row.prefix.count <= count && row.prefix.indices.allSatisfy({ byte($0) == row.prefix[$0] }) {
      self = row.format
      return
    }
    if count >= 4, byte(2) == 0xb2, byte(3) == 0xa1 {
      self.init("a pcap capture of an unknown kind", .convert)
      return
    }
    let start = (0..<count).map(byte)
    guard Self.isText(start) else { return nil }
    let first = start.first { $0 > 0x20 }
    self.init(first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? "JSON text" : "text", .none)
  }

  /// Whether `bytes` are printable UTF-8; a character may be cut off at the end.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    let isPrintable = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    return isPrintable && (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
  }
}
