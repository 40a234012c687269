import Analysis

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many jobs share the work.
///
/// Each job reads all packets, and decodes and writes the connections of its share; so it pays where decoding and writing
/// take much longer than reading.
enum JobCount {
  /// Bytes of input from which it pays: starting takes some milliseconds (16 MiB).
  private static let leastBytes: UInt64 = 1 << 24
  /// More are never started unasked.
  private static let mostUnasked = 8
  /// More are not started however many are asked for: each takes some megabytes.
  private static let mostAskedFor = 64

  /// Each job opens every file; with many of them, the descriptors of a process are used up.
  private static let mostOpenFiles = 512

  /// The number of jobs for `settings`, whose output has records of `kinds`.
  static func of(_ settings: Settings, _ kinds: RecordKinds) -> Int {
    guard isPossible(settings, kinds) else { return 1 }
    let most = max(mostOpenFiles / max(settings.inputs.count, 1), 1)
    if let jobs = settings.jobs { return min(jobs, mostAskedFor, most) }
    guard FileStatus.totalSize(of: settings.inputs) ?? 0 >= leastBytes else { return 1 }
    return min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), mostUnasked, most)
  }

  /// Whether several jobs can do it, and might pay: every file can be read several times, the output is one that can be put
  /// together, and there is much of it. Counting alone takes little longer than reading.
  private static func isPossible(_ settings: Settings, _ kinds: RecordKinds) -> Bool {
    guard settings.writing == nil, settings.extraction == nil, settings.format == "ndjson",
      kinds.contains(.frame) || kinds.contains(.message)
    else { return false }
    // What a private key tells of one connection serves for others, which resume its session.
    guard settings.privateKeys.isEmpty, settings.connections == nil, !settings.selection.isActive else { return false }
    guard !settings.flushesEachRecord, !settings.printsStatistics, settings.redaction == nil else { return false }
    return settings.inputs.allSatisfy { $0 != .standardInput && FileStatus($0)?.isRegular == true }
  }
}
