import Bytes

/// The usual case: a head that stands in one piece of a stream.
enum WholeHead {
  /// Reads the head at `position`, and moves that behind it; nil if it is not all there, or not as plain as most are:
  /// `PartialHead` then says what it is.
  static func read(_ source: RawSpan, _ position: inout Int) -> HTTPHead? {
    let start = position
    guard start < source.byteCount, isTokenByte(source.u8(start)) else { return nil }
    let most = min(source.byteCount - start, HTTPStream.headLimit)
    return source.withUnsafeBytes { source in
      let bytes = UnsafeRawBufferPointer(rebasing: source[start..<start + most])
      var lines = HeadLines()
      guard isFirstWordPlausible(bytes), let places = firstLine(bytes, &lines), lines.takeFields(bytes) else {
        return nil
      }
      position = start + lines.position
      return lines.head([UInt8](UnsafeRawBufferPointer(rebasing: bytes[..<lines.position])), places)
    }
  }

  /// Whether the first word may be a method or a version, so that other protocols are not looked at for long.
  private static func isFirstWordPlausible(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for i in 0..<min(bytes.count, PartialHead.methodLimit + 1) where !isTokenByte(bytes[i]) {
      return bytes[i] == 0x20 || bytes[i] == 0x2F
    }
    return false
  }

  private static func firstLine(_ bytes: UnsafeRawBufferPointer, _ lines: inout HeadLines) -> StartLinePlaces? {
    let line = lines.nextLine(bytes)
    guard lines.isLineWhole, bytes.firstIndex(of: 0, from: 0, to: line.upperBound) == line.upperBound else {
      return nil
    }
    return StartLinePlaces(bytes, line)
  }
}
