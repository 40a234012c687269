import Bytes
import JSON

/// What a payload is, as far as its bytes tell, for the name of a file.
///
/// Nothing that a program would run, or a browser render, gets the name for it: HTML and SVG are text here.
public enum ContentKind: String, Sendable, CaseIterable {
  /// Empty.
  case empty
  /// A JSON object or array.
  case json
  /// Text in UTF-8, without controls but white space.
  case text
  /// None of these.
  case binary
  /// A picture.
  case png, jpeg, gif, webp, avif
  /// Sound.
  case wav, mp3, ogg, flac
  /// Moving pictures.
  case webm, mp4
  /// A document.
  case pdf
  /// Compressed data, or an archive.
  case gzip, zip, zstd
  /// WebAssembly.
  case wasm

  /// The ending of the name of a file that holds it, without a dot.
  public var fileExtension: StaticString {
    switch self {
    case .empty, .binary: "bin"
    case .json: "json"
    case .text: "txt"
    case .png: "png"
    case .jpeg: "jpg"
    case .gif: "gif"
    case .webp: "webp"
    case .avif: "avif"
    case .wav: "wav"
    case .mp3: "mp3"
    case .ogg: "ogg"
    case .flac: "flac"
    case .webm: "webm"
    case .mp4: "mp4"
    case .pdf: "pdf"
    case .gzip: "gz"
    case .zip: "zip"
    case .zstd: "zst"
    case .wasm: "wasm"
    }
  }

  /// What `bytes` are.
  ///
  /// - Parameters:
  ///   - isText: whether they were sent as text. Then they may hold controls, as STOMP's NUL.
  ///   - isBeginning: whether more follows. Then what they are is told by what they begin with.
  public init(of bytes: RawSpan, isText: Bool, isBeginning: Bool = false) {
    guard bytes.byteCount > 0 else {
      self = .empty
      return
    }
    let found = FileFormat(startingWith: bytes).flatMap { ContentKind(rawValue: $0.rawValue) }
    if let found {
      self = found
      return
    }
    var validator = UTF8Validator()
    validator.append(bytes)
    if isBeginning ? validator.firstInvalid != nil : !validator.isValid {
      self = .binary
    } else if !isText, Self.holdsControls(bytes) {
      self = .binary
    } else {
      let text = bytes.extracting(0..<bytes.byteCount - (isBeginning ? validator.pending : 0))
      self = Self.isJSON(text, isBeginning: isBeginning) ? .json : .text
    }
  }

  private static func holdsControls(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { $0.contains { $0 < 0x20 && !(0x09...0x0D).contains($0) } }
  }

  private static func isJSON(_ bytes: RawSpan, isBeginning: Bool) -> Bool {
    let first = bytes.withUnsafeBytes { $0.first { !(0x09...0x0D).contains($0) && $0 != 0x20 } }
    guard first == 0x7B || first == 0x5B else { return false }
    var scanner = JSONScanner()
    while scanner.next(bytes) != nil {}
    return scanner.isComplete || isBeginning && scanner.fault == .cut
  }
}
