import Export

/// A capture from bytes to records. Records agree with each other, and the capture gives the same output twice, read as a
/// whole and in pieces.
func fuzz(_ input: [UInt8]) {
  let run = CaptureRun(input)
  var check = RecordCheck(run.options.messages)
  run.run([input.count], into: &check)

  guard check.upgraded + check.refused > 0 else { return }
  var chance = Chance(input)
  let whole = run.text(NDJSONExporter.self, ExportOptions(), [input.count])
  let pieces = run.text(NDJSONExporter.self, ExportOptions(), chance.pieces(of: input.count))
  require(whole == pieces, "output differs when read in pieces")
}
