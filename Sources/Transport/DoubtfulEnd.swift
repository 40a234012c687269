import Bytes
import Capture

/// A FIN that may be none of its sender, as a RST may (RFC 5961 §1): then the sender goes on, and its peer acknowledges that.
extension StreamReassembler {
  /// Segments kept at most of what comes at or behind a FIN.
  private static let mostSegmentsBehind = 64

  /// Takes note of a FIN at `end`, in `packet`, unless there was one. What waits for a place behind it is set aside.
  mutating func noteFIN(at end: Int, _ packet: PacketReference) {
    guard finOffset == nil, end >= 0 else { return }
    let end = StreamOffset(end)
    finOffset = end
    if acknowledged > end { isFINAcknowledged = true }
    acknowledged = min(acknowledged, end)
    if isStarted, end > next {
      wait.finPacket = packet
      wait.segmentsBeforeFIN = 0
    }
    guard isHolding else { return }
    var behind = held
    wait.behindFINBytes += held.remove(from: end)
    while let first = behind.first, first.offset < end {
      _ = behind.popFirst()
      guard first.end > end else { continue }
      let part = first.part(end..<first.end, of: first.bytes.span.bytes)
      _ = behind.insert(part, part.bytes.span.bytes)
    }
    wait.behindFIN = behind
  }

  /// Keeps what `segment`, at `start`, has at or behind the FIN.
  mutating func keepBehindFIN(_ segment: TCPSegment, at start: Int, _ bytes: RawSpan, _ packet: PacketReference) {
    guard let finOffset else { return }
    let end = start &+ segment.payloadLength
    let first = max(start, Int(clamping: finOffset))
    wait.behindFINBytes += end &- first
    let skipped = min(first &- start, segment.payload.count)
    let payload = bytes.extracting(segment.payload.lowerBound + skipped..<segment.payload.upperBound)
    guard wait.behindFIN.count < Self.mostSegmentsBehind,
      wait.behindFIN.bytes + payload.byteCount <= ReassemblyLimits.behindFINBytes
    else { return }
    let piece = StoredSegment(
      offset: StreamOffset(first), bytes: [], cut: end &- first &- payload.byteCount, packet: packet)
    _ = wait.behindFIN.insert(piece, payload)
  }

  /// The peer acknowledged all before `end`: if that takes in what the sender sent at and behind its FIN, the FIN was none.
  mutating func noteAcknowledged(behindFIN end: StreamOffset) {
    guard let finOffset, finOffset >= next, end > finOffset + 1, hasWaited, wait.behindFIN.first?.offset == finOffset,
      let last = wait.behindFIN.end, end <= last
    else { return }
    var behind = wait.behindFIN
    revokeFIN()
    if isHolding {
      while let segment = behind.popFirst() { _ = held.insert(segment, segment.bytes.span.bytes) }
    } else {
      held = behind
    }
  }

  private mutating func revokeFIN() {
    if hasWaited, let finOffset, wait.numbered <= finOffset { wait.numbered = 0 }
    finOffset = nil
    isEnded = false
    isFINAcknowledged = false
    wait.behindFIN = HeldSegments()
    wait.behindFINBytes = 0
    wait.finPacket = nil
  }

  /// A segment in `packet` went on where the stream stood. If there is a FIN far ahead of that, it may be none.
  mutating func noteBeforeFIN(_ packet: PacketReference) {
    guard hasWaited, let fin = wait.finPacket, let finOffset, finOffset > next, packet.time >= fin.time else { return }
    wait.segmentsBeforeFIN += 1
  }

  /// The connection, or the capture, is over: forgets a FIN that the sender has not reached, although it went on after it and
  /// nobody acknowledged more than was captured. What stands behind a FIN is left out.
  mutating func settleFIN() {
    guard hasWaited, let finOffset else { return }
    wait.leftOut.add(wait.behindFINBytes, .afterEnd)
    wait.behindFIN = HeldSegments()
    wait.behindFINBytes = 0
    guard isStarted, finOffset > next, wait.segmentsBeforeFIN >= 2, !isHolding, acknowledged <= next,
      !isFINAcknowledged
    else { return }
    revokeFIN()
  }
}
