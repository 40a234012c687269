/// A format of files that begins with bytes of its own.
public enum FileFormat: String, Sendable, CaseIterable {
  /// A picture.
  case png, jpeg, gif, webp, avif, heic, tiff, bmp
  /// Sound.
  case wav, mp3, ogg, flac, aiff, midi
  /// Moving pictures.
  case webm, mp4, mpegts, flv
  /// A document.
  case pdf
  /// Compressed data, or an archive.
  case gzip, zip, zstd, xz, bzip2, sevenzip, lz4
  /// WebAssembly.
  case wasm
  /// Tables, and a capture.
  case sqlite, parquet, arrow, avro, pcap, pcapng

  /// What a format is for.
  public enum Family: String, Sendable {
    /// A picture.
    case image
    /// Sound.
    case audio
    /// Moving pictures, with sound or without.
    case video
    /// A document to read.
    case document
    /// Compressed data, or an archive of files.
    case archive
    /// Anything else.
    case file
  }

  /// What it is for.
  public var family: Family {
    switch self {
    case .png, .jpeg, .gif, .webp, .avif, .heic, .tiff, .bmp: .image
    case .wav, .mp3, .ogg, .flac, .aiff, .midi: .audio
    case .webm, .mp4, .mpegts, .flv: .video
    case .pdf: .document
    case .gzip, .zip, .zstd, .xz, .bzip2, .sevenzip, .lz4: .archive
    case .wasm, .sqlite, .parquet, .arrow, .avro, .pcap, .pcapng: .file
    }
  }

  /// Bytes that a format begins with, and how many there are before them.
  private struct Signature {
    var format: FileFormat
    var offset: Int
    var bytes: [UInt8]

    init(_ format: FileFormat, _ bytes: [UInt8], at offset: Int = 0) {
      (self.format, self.bytes, self.offset) = (format, bytes, offset)
    }

    init(_ format: FileFormat, _ text: String, at offset: Int = 0) {
      self.init(format, Array(text.utf8), at: offset)
    }
  }

  private static let signatures = [
    Signature(.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), Signature(.jpeg, [0xFF, 0xD8, 0xFF]),
    Signature(.gif, "GIF87a"), Signature(.gif, "GIF89a"), Signature(.webp, "WEBPVP8", at: 8),
    Signature(.avif, "ftypavif", at: 4), Signature(.heic, "ftypheic", at: 4), Signature(.tiff, [0x49, 0x49, 0x2A, 0]),
    Signature(.tiff, [0x4D, 0x4D, 0, 0x2A]), Signature(.wav, "WAVEfmt ", at: 8), Signature(.mp3, "ID3"),
    Signature(.ogg, "OggS\0"), Signature(.flac, "fLaC\0"), Signature(.aiff, "AIFFCOMM", at: 8),
    Signature(.midi, [0x4D, 0x54, 0x68, 0x64, 0, 0, 0, 6]), Signature(.webm, [0x1A, 0x45, 0xDF, 0xA3]),
    Signature(.mp4, "ftyp", at: 4), Signature(.mp4, "styp", at: 4), Signature(.mp4, "moof", at: 4),
    Signature(.flv, [0x46, 0x4C, 0x56, 1]), Signature(.pdf, "%PDF-"), Signature(.gzip, [0x1F, 0x8B, 0x08]),
    Signature(.zip, [0x50, 0x4B, 0x03, 0x04]), Signature(.zstd, [0x28, 0xB5, 0x2F, 0xFD]),
    Signature(.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), Signature(.bzip2, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4),
    Signature(.sevenzip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), Signature(.lz4, [0x04, 0x22, 0x4D, 0x18]),
    Signature(.wasm, [0, 0x61, 0x73, 0x6D, 1, 0]), Signature(.sqlite, "SQLite format 3\0"),
    Signature(.arrow, "ARROW1\0\0"), Signature(.avro, [0x4F, 0x62, 0x6A, 1]),
    Signature(.pcapng, [0x4D, 0x3C, 0x2B, 0x1A], at: 8), Signature(.pcapng, [0x1A, 0x2B, 0x3C, 0x4D], at: 8),
    Signature(.pcap, [0xD4, 0xC3, 0xB2, 0xA1, 2, 0]), Signature(.pcap, [0xA1, 0xB2, 0xC3, 0xD4, 0, 2]),
    Signature(.pcap, [0x4D, 0x3C, 0xB2, 0xA1, 2, 0]), Signature(.pcap, [0xA1, 0xB2, 0x3C, 0x4D, 0, 2]),
  ]

  /// The signatures whose first byte may be each byte; those with bytes before them may begin with any.
  private static let byFirstByte: [[Signature]] = (0..<256).map { byte in
    signatures.filter { $0.offset > 0 || Int($0.bytes[0]) == byte }
  }

  /// For each byte, at which offset a signature has it as its first one: the lowest bit for the beginning (or for `G`, `B` and `P`,
  /// with which transport streams, bitmaps and Parquet files begin), the next for offset 4, and the next for 8.
  private static let places: [UInt8] = (0..<256).map { byte in
    let others: [Int] = [0x47, 0x42, 0x50]
    return signatures.filter { Int($0.bytes[0]) == byte }.reduce(others.contains(byte) ? 1 : 0) { places, signature in
      places | 1 << UInt8(signature.offset / 4)
    }
  }

  /// Whether a format may begin so; most bytes are turned away here.
  private static func mayBegin(_ bytes: RawSpan) -> Bool {
    let places = places
    if places[Int(bytes.u8(0))] & 1 != 0 { return true }
    guard bytes.byteCount > 8 else { return false }
    return places[Int(bytes.u8(4))] & 2 != 0 || places[Int(bytes.u8(8))] & 4 != 0
  }

  /// The format that `bytes` begin with; nil if that is none of these.
  public init?(startingWith bytes: RawSpan) {
    guard bytes.byteCount > 2, Self.mayBegin(bytes) else { return nil }
    for signature in Self.byFirstByte[Int(bytes.u8(0))] where Self.has(bytes, signature.bytes, at: signature.offset) {
      self = signature.format
      return
    }
    if Self.isTransportStream(bytes) {
      self = .mpegts
    } else if Self.isBitmap(bytes) {
      self = .bmp
    } else if bytes.byteCount > 11, Self.has(bytes, [0x50, 0x41, 0x52, 0x31], at: 0),
      Self.has(bytes, [0x50, 0x41, 0x52, 0x31], at: bytes.byteCount - 4)
    {
      self = .parquet
    } else {
      return nil
    }
  }

  private static func has(_ bytes: RawSpan, _ signature: [UInt8], at offset: Int) -> Bool {
    guard bytes.byteCount - offset >= signature.count else { return false }
    for i in 0..<signature.count where bytes.u8(offset + i) != signature[i] { return false }
    return true
  }

  /// Whether there are packets of 188 bytes, four at least (ISO/IEC 13818-1 §2.4.3.2).
  private static func isTransportStream(_ bytes: RawSpan) -> Bool {
    guard bytes.u8(0) == 0x47, bytes.byteCount >= 752 else { return false }
    return bytes.u8(188) == 0x47 && bytes.u8(376) == 0x47 && bytes.u8(564) == 0x47
  }

  /// Whether there is a bitmap that says how long it is, and is.
  private static func isBitmap(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount > 26, bytes.u16(0) == 0x424D else { return false }
    return bytes.load(2, .little, as: UInt32.self) == UInt32(clamping: bytes.byteCount)
  }
}
