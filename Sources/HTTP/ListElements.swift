/// Whether `text` is `lowerCase` but for the case of ASCII letters; no other letters stand for them.
func isSameText(_ text: String, _ lowerCase: String) -> Bool {
  text.utf8.count == lowerCase.utf8.count
    && zip(text.utf8, lowerCase.utf8).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
}

/// The elements of a comma-separated list, trimmed, empty ones left out; commas inside quotes do not separate.
public func splitList(_ text: String, separator: UInt8 = 0x2C) -> [String] {
  if !text.utf8.contains(where: { $0 == separator || $0 == 0x22 }) {  // the usual case: one element
    let isTrimmed = text.utf8.first.map { !isSpace($0) } ?? true && text.utf8.last.map { !isSpace($0) } ?? true
    let element = isTrimmed ? text : decodeText(trimmed(Array(text.utf8)[...]))
    return element.isEmpty ? [] : [element]
  }
  var elements: [String] = []
  var element: [UInt8] = []
  var isQuoted = false
  var isEscaped = false
  for byte in text.utf8 {
    if byte == separator, !isQuoted {
      elements.append(decodeText(trimmed(element[...])))
      element = []
      continue
    }
    if byte == 0x22, !isEscaped { isQuoted.toggle() }
    isEscaped = isQuoted && byte == 0x5C && !isEscaped
    element.append(byte)
  }
  elements.append(decodeText(trimmed(element[...])))
  return elements.filter { !$0.isEmpty }
}

/// `bytes` without white space at both ends.
private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var (start, end) = (bytes.startIndex, bytes.endIndex)
  while start < end, isSpace(bytes[start]) { start += 1 }
  while start < end, isSpace(bytes[end - 1]) { end -= 1 }
  return bytes[start..<end]
}
