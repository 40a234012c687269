import Analysis
import Export

/// A capture as every output format writes it: what is for people cannot drive a terminal; NDJSON is an object a line, and what
/// should be JSON is. Handing over each record at once changes nothing.
///
/// The bytes at index 14 and 15 mean nothing in a pcap file and next to nothing in a pcapng file: here, they say how to write.
func fuzz(_ input: [UInt8]) {
  let run = CaptureRun(input)
  let flags = input.count > 14 ? input[14] : 0
  var options = ExportOptions()
  options.isColored = flags & 4 != 0
  options.width = flags & 8 == 0 ? nil : 60
  options.showsHex = flags & 16 != 0
  options.showsWholeMessages = flags & 1 != 0
  options.hasSeveralFiles = flags & 32 != 0
  options.requestedKinds = flags & 64 == 0 ? nil : .all
  let format = Exporters.all[Int(input.count > 15 ? input[15] : 0) % Exporters.all.count]

  let text = run.text(format, options, [input.count])
  if format.isForFiles, format.name != "html" { return }
  guard let string = String(validating: text, as: UTF8.self) else { fatalError("\(format.name) is not UTF-8") }
  switch format.name {
  case NDJSONExporter.name:
    for line in text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      require(JSONCheck.isValue(line), "not JSON: \(String(decoding: line, as: UTF8.self))")
    }
  case "json", "har":
    // Line feeds stand between values only; in a string there is none.
    require(JSONCheck.isValue(text.filter { $0 != 0x0A }[...]), "\(format.name) is no JSON")
  case TextExporter.name, TreeExporter.name: requireHarmless(string, isColored: options.isColored)
  default: return
  }
  options.flushesEachRecord = true
  require(run.text(format, options, [input.count]) == text, "\(format.name) at once is something else")
}

/// A terminal shows `text` and does nothing else, but for colours.
private func requireHarmless(_ text: String, isColored: Bool) {
  var isStyle = false
  for scalar in text.unicodeScalars {
    if isStyle {
      isStyle = scalar != "m"
      require("[0123456789;m".unicodeScalars.contains(scalar), "an escape sequence that is no colour")
      continue
    }
    switch scalar.value {
    case 0x0A: break
    case 0x1B where isColored: isStyle = true
    case 0..<0x20, 0x7F..<0xA0: fatalError("a control character: \(scalar.value)")
    case 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: fatalError("a control of directions: \(scalar.value)")
    default: break
    }
  }
}
