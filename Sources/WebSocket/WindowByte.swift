/// A byte of a window that has holes: known, inferred, or not known.
struct WindowByte: Equatable {
  /// 0 to 255: the byte, known. 256 to 511: the byte, inferred. Negative: not known; then -1 to -32,768 is a copy from so
  /// many bytes back of the last hole's end, and the least number is a copy from nowhere.
  private(set) var code: Int32

  /// Not known, and nothing will make it so.
  static let lost = WindowByte(code: .min)

  static func known(_ byte: UInt8) -> WindowByte { WindowByte(code: Int32(byte)) }

  /// A copy of what stood `offset` bytes, 1 to 32,768, before the end of the last hole.
  static func copy(from offset: Int) -> WindowByte { WindowByte(code: Int32(truncatingIfNeeded: -offset)) }

  var isKnown: Bool { code >= 0 && code < 256 }
  /// Whether there is a byte, known or inferred.
  var isThere: Bool { code >= 0 }
  /// The byte, if there is one.
  var byte: UInt8 { UInt8(truncatingIfNeeded: code) }
  /// How far before the end of the last hole it stood; nil unless it was copied across that hole.
  var offset: Int? { code < 0 && code > .min ? -Int(code) : nil }
  /// The same byte; inferred, if it was known.
  var inferred: WindowByte { isKnown ? WindowByte(code: code + 256) : self }
}
