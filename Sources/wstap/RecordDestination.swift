import Export

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Takes an exporter's bytes to the output, and keeps the first error.
final class RecordDestination {
  let output: OutputFile
  /// The database that records go into instead.
  var database: DatabaseOutput?
  /// The files that messages go into besides.
  var extraction: Extraction?
  /// Called before anything is written.
  var willWrite: () -> Void = {}
  private var firstError: OutputError?
  /// The first error.
  var error: OutputError? { firstError ?? database?.error ?? extraction?.error }

  init(_ output: OutputFile) { self.output = output }

  /// Whether nothing more can be written.
  var isGone: Bool { error != nil || database == nil && output.isReaderGone }

  /// Closes what is written.
  func close() throws(OutputError) {
    try extraction?.close()
    try database?.close()
    try output.close()
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    guard error == nil else { return }
    willWrite()
    do throws(OutputError) {
      try output.write(RawSpan(_unsafeBytes: bytes))
      try output.endRecord()
    } catch {
      firstError = error
    }
  }

  /// The same for bytes that lie at several places; changes what says where.
  func take(_ places: UnsafeMutableBufferPointer<iovec>) {
    guard error == nil else { return }
    do throws(OutputError) {
      try output.write(places)
    } catch {
      firstError = error
    }
  }
}
