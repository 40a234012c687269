import Bytes

/// The blocks of a report: what a page cannot read as HTML, whatever is in it, as it is compressed and in base64.
///
/// Two blocks are open at a time, one of records and one of payloads, and only their compressed bytes are in memory.
final class ReportBlocks {
  /// A block that holds so many bytes is closed: small ones are quickly there when the page wants them, large ones compress
  /// better.
  private static let size: UInt64 = 512 * 1024

  private var page: ByteWriter
  private let records = Compressor()
  private let payloads = Compressor()
  private var payloadBlocks: UInt64 = 0
  private var isBegun = false

  /// Blocks behind a page, all of which go to `drain`.
  init(_ drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    page = ByteWriter()
    page.drain = drain
  }

  /// Adds a line of records.
  func line(_ bytes: RawSpan) {
    records.append(bytes)
    if records.count >= Self.size { close(records, "records") }
  }

  /// Adds a payload, and what follows it in the same block; returns the number of the block, from 0, and the place there.
  func payload(_ bytes: RawSpan, _ rest: RawSpan = RawSpan()) -> (block: UInt64, offset: UInt64) {
    if payloads.count >= Self.size { closePayloads() }
    let place = (payloadBlocks, payloads.count)
    payloads.append(bytes)
    payloads.append(rest)
    return place
  }

  /// Hands over what is complete.
  func flush() { page.flush() }

  /// Hands over all.
  func finish() {
    if payloads.count > 0 { closePayloads() }
    close(records, "records")
    flush()
  }

  private func closePayloads() {
    payloadBlocks += 1
    close(payloads, "payloads")
  }

  private func close(_ block: Compressor, _ kind: StaticString) {
    if !isBegun { ReportPage.write(to: &page) }
    isBegun = true
    page.literal("<script type=\"application/octet-stream\" data-block=\"")
    page.literal(kind)
    page.literal("\">")
    let bytes = block.finish()
    page.base64(bytes.span.bytes)
    page.literal("</script>\n")
    page.flushIfFull()
  }
}
