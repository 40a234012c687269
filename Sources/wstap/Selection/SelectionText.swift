import Bytes

extension SummaryText {
  /// What a selection came to, and what it could not see.
  static func text(_ counts: SelectionCounts, _ settings: Settings) -> String {
    var lines = ["selected \(grouped(counts.selected)) of \(count(counts.records, "record"))"]
    if counts.searchedInPart > 0 {
      let stored = settings.storedPayload
      let limit = stored < 1 << 30 ? grouped(UInt64(stored)) + " bytes" : "limit"
      lines.append(
        "\(count(counts.searchedInPart, "payload")) searched only as far as stored (--max-payload, \(limit))")
    }
    if counts.abandonedSearches > 0 {
      let searches = grouped(counts.abandonedSearches) + (counts.abandonedSearches == 1 ? " search" : " searches")
      lines.append("\(searches) given up: the regular expression took too many steps")
    }
    if counts.lostNeighbours > 0 {
      lines.append("\(count(counts.lostNeighbours, "record")) before selected ones not kept: there were too many")
    }
    return lines.map { "\(Manual.name): \($0)\n" }.joined()
  }
}
