/// `number` in decimal with a comma between thousands: `1,234,567`.
public func grouped(_ number: UInt64) -> String {
  let digits = Array("\(number)")
  return digits.indices.reduce(into: "") { text, i in
    if i > 0, (digits.count - i) % 3 == 0 { text += "," }
    text.append(digits[i])
  }
}
