/// What people are told beside the data.
enum StandardError {
  /// Writes `text` to standard error. There is nobody to tell if that fails.
  static func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { SystemCalls.write(UnsafeRawBufferPointer($0), to: 2) }
  }
}
