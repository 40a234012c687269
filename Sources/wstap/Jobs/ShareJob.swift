import Analysis
import Export
import Subprotocols

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What all jobs have to do.
struct ShareWork: Sendable {
  var inputs: [Settings.Input]
  var packetLimit: UInt64
  var options: AnalyzerOptions
  var export: ExportOptions
  var kinds: RecordKinds
  var views: ViewOptions?
  var secrets: Secrets
}

/// One of several jobs: reads all, and decodes the connections of its share.
final class ShareJob: @unchecked Sendable {
  let queue = BoundedQueue<OutputChunk>(most: CommonStop.mostChunks)
  /// The numbers of its connections among all, as far as they are told.
  let known = KnownNumbers()
  /// What was found; only to be asked for when the thread is done.
  private(set) var findings: Findings?

  private let work: ShareWork
  private let share: ConnectionShare
  private let stop: CommonStop
  private let pool: ChunkPool
  private let chunks: SharedChunks

  init(
    _ work: ShareWork, _ share: ConnectionShare, _ stop: CommonStop, _ pool: ChunkPool, _ chunks: SharedChunks
  ) {
    self.pool = pool
    self.chunks = chunks
    self.work = work
    self.share = share
    self.stop = stop
  }

  /// Does the job.
  func run(_ progress: Progress?) {
    let output = JobOutput(queue, pool, known)
    let exporter = NDJSONExporter(work.export, leavingOut: output.gaps, exchange: { output.take($0, $1, $2) })
    var sink = RecordFilter(exporter, kinds: work.kinds, views: work.views)
    var options = work.options
    options.share = share
    options.connections = options.connections.shared(by: share.count)
    var reading = CaptureReading(
      work.inputs, options, work.secrets, shared: SharedReading(chunks: chunks, job: share.index))
    var watch = ShareWatch(output: output, stop: stop, progress: progress)
    var tap = NoTap()
    reading.run(packetLimit: work.packetLimit, &watch, &tap, into: &sink)
    watch.progress?.erase()
    chunks.leave(share.index)
    sink.next.flush()
    output.handOver(reached: .end)
    findings = Findings(reading, sink)
  }
}

/// Several jobs that share a capture's connections.
struct ShareJobs: ~Copyable {
  private let jobs: [ShareJob]
  private let stop = CommonStop()
  private let pool = ChunkPool()

  /// `count` jobs, 2 or more.
  init(_ work: ShareWork, count: Int) {
    let (stop, pool) = (stop, pool)
    let chunks = SharedChunks(jobs: count)
    jobs = (0..<count).map { ShareJob(work, ConnectionShare(index: $0, of: count), stop, pool, chunks) }
  }

  /// Does all; the output is given to `write`, in the order of a single job, until `isStopped`. Nil if there are not enough threads.
  func run(
    _ progress: Progress?, write: @escaping (UnsafeMutableBufferPointer<iovec>) -> Void, isStopped: () -> Bool
  ) -> Findings? {
    var threads: [WorkerThread] = []
    for (i, job) in jobs.enumerated() {
      guard let thread = WorkerThread({ job.run(i == 0 ? progress : nil) }) else { break }
      threads.append(thread)
    }
    let isWhole = threads.count == jobs.count
    if isWhole {
      var merge = OutputMerge(jobs.map { ($0.queue, $0.known) }, pool, write: write)
      merge.run(isStopped: isStopped)
    }
    stop.giveUp()
    for job in jobs { job.queue.close() }
    for thread in threads { thread.join() }
    guard isWhole else { return nil }
    return jobs.compactMap(\.findings).reduce(into: Findings?.none) { all, share in
      if all == nil { all = share } else { all?.add(share) }
    }
  }
}
