/// `number` with zeros before it, so that it has so many digits at least.
public func padded(_ number: UInt64, to digits: Int, radix: Int = 10) -> String {
  let text = String(number, radix: radix)
  return String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
}
