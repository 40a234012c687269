/// Bytes as strings that lose nothing where they are not UTF-8: names of files, what a peer sent.
///
/// A byte that is not part of well-formed UTF-8, always 0x80 or more, becomes the code point U+10FF00 + byte. Nobody can have
/// a use for these 128 private code points; the bytes of one that stands in the text are taken as such bytes too. So all
/// bytes have one string, and each such string one meaning.
public enum LosslessText {
  private static let first: UInt32 = 0x10FF80

  /// The string for `bytes`.
  public static func string(_ bytes: [UInt8]) -> String {
    if !bytes.contains(0xF4), let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var i = 0
    while i < bytes.count {
      if let scalar = scalar(bytes[i...]), scalar.value < first {
        text.append(scalar)
        i += UTF8.width(scalar)
      } else {
        if let scalar = Unicode.Scalar(0x10FF00 + UInt32(bytes[i])) { text.append(scalar) }
        i += 1
      }
    }
    return String(text)
  }

  /// The code point that `bytes` begin with.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    for count in 1...4 {
      if let text = String(validating: bytes.prefix(count), as: UTF8.self) { return text.unicodeScalars.first }
    }
    return nil
  }

  /// The bytes that have the string `text`.
  public static func bytes(_ text: String) -> [UInt8] {
    let utf8 = Array(text.utf8)
    guard utf8.contains(0xF4) else { return utf8 }
    return text.unicodeScalars.flatMap { scalar in
      scalar.value < first ? Array(UTF8.encode(scalar) ?? .init()) : [UInt8(truncatingIfNeeded: scalar.value)]
    }
  }

  /// `text` with `\xe8` for bytes that are not UTF-8, such as E8.
  public static func spelled(_ text: String) -> String {
    guard text.utf8.contains(0xF4) else { return text }
    return text.unicodeScalars.map { $0.value < first ? String($0) : "\\x" + String($0.value & 0xFF, radix: 16) }
      .joined()
  }

  /// `text` with U+FFFD for bytes that are not UTF-8.
  public static func readable(_ text: String) -> String {
    guard text.utf8.contains(0xF4) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < first ? $0 : "\u{FFFD}" }))
  }
}
