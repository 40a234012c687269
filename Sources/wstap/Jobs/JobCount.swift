import Analysis
import Capture

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
  /// The average length of packets that several jobs gain nothing from, in bytes, and how many packets are looked at.
  private static let leastLong = 600
  private static let mostLookedAt = 2000
  /// More are not started however many are asked for: each takes some megabytes.
  private static let mostAskedFor = 64

  /// Each job opens every file; with many of them, the descriptors of a process are used up.
  private static let mostOpenFiles = 512

  /// The number of jobs for `settings`, whose output has records of `kinds`.
  static func of(_ settings: Settings, _ kinds: RecordKinds) -> Int {
    guard isPossible(settings, kinds) else { return 1 }
    let most = max(mostOpenFiles / max(settings.inputs.count, 1), 1)
    if let jobs = settings.jobs { return min(jobs, mostAskedFor, most) }
    guard FileStatus.totalSize(of: settings.inputs) ?? 0 >= leastBytes, hasShortPackets(settings.inputs) else {
      return 1
    }
    return min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), mostUnasked, most)
  }

  /// Whether the first packets are short on average: of long ones, reading takes most of the time.
  private static func hasShortPackets(_ inputs: [Settings.Input]) -> Bool {
    guard let input = inputs.first else { return false }
    var file = CaptureFile(input, bufferSize: 1 << 16)
    var (packets, bytes) = (0, 0)
    while packets < mostLookedAt, let event = try? file.next() {
      guard case .packet(let packet) = event else { continue }
      packets += 1
      bytes += packet.data.count
    }
    return packets > 0 && bytes / packets < leastLong
  }

  /// Whether several jobs can do it, and might pay: every file can be read several times, the output is one that can be put
  /// together, and there is much of it. Counting alone takes little longer than reading.
  private static func isPossible(_ settings: Settings, _ kinds: RecordKinds) -> Bool {
    guard settings.format == "ndjson", kinds.contains(.frame) || kinds.contains(.message) else { return false }
    guard settings.connections == nil, !settings.flushesEachRecord else { return false }
    return settings.inputs.allSatisfy { $0 != .standardInput && FileStatus($0)?.isRegular == true }
  }
}
