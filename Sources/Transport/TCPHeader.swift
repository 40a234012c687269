import Bytes

extension PacketCursor {
  /// The TCP segment at `start` (RFC 9293 §3.1); nil if its header is cut off or contradicts itself.
  ///
  /// Options are not needed to put a stream together; a header whose options a snaplen cut off is good.
  @inline(__always)
  func tcp(_ bytes: RawSpan) -> TCPSegment? {
    guard has(20) else { return nil }
    let header = bytes.extracting(Range(uncheckedBounds: (start, start &+ 20)))
    let headerLength = Int(header.u8(12) >> 4) &* 4
    guard headerLength >= 20, headerLength <= wireLength else { return nil }
    let payload = Range(uncheckedBounds: (min(start &+ headerLength, end), end))
    let payloadSum = isWhole ? InternetChecksum.sum(bytes, payload) : 0
    return TCPSegment(
      source: Endpoint(source, port: header.u16(0)), destination: Endpoint(destination, port: header.u16(2)),
      sequence: SequenceNumber(header.u32(4)), acknowledgment: SequenceNumber(header.u32(8)),
      flags: TCPFlags(rawValue: header.u8(13)),
      checksum: isWhole ? checksum(bytes, headerLength: headerLength, payloadSum: payloadSum) : .unknown,
      payloadSum: payloadSum, payload: payload, payloadLength: wireLength - headerLength)
  }

  /// What the checksum of a whole segment says.
  @inline(__always)
  private func checksum(_ bytes: RawSpan, headerLength: Int, payloadSum: UInt16) -> TCPChecksum {
    TCPChecksum(
      field: bytes.u16(start + 16), pseudoHeader: source.sum &+ destination.sum &+ UInt64(IPProtocol.tcp),
      length: wireLength, headerSum: InternetChecksum.sum(bytes, start..<start + headerLength),
      payloadSum: payloadSum, datagramLength: isReassembled ? 0 : wireEnd - datagramStart)
  }
}

extension TCPChecksum {
  /// What a checksum says (RFC 9293 §3.1, RFC 8200 §8.1).
  ///
  /// The payload's sum is taken by itself and added: a TCP header is a multiple of two bytes long.
  ///
  /// - Parameters:
  ///   - field: the checksum as sent.
  ///   - pseudoHeader: the sum of the addresses and the protocol number.
  ///   - length: header and payload, in bytes.
  ///   - headerSum: the sum of the header, the checksum included.
  ///   - payloadSum: the sum of the payload.
  ///   - datagramLength: the length of the IP datagram as it was captured; 0 if it was put together from fragments.
  @inline(__always)
  init(
    field: UInt16, pseudoHeader: UInt64, length: Int, headerSum: UInt16, payloadSum: UInt16, datagramLength: Int
  ) {
    let length = UInt64(truncatingIfNeeded: length)
    let sum = pseudoHeader &+ length &+ UInt64(headerSum) &+ UInt64(payloadSum)
    if InternetChecksum.fold(sum) == 0xffff {
      self = .valid
      return
    }
    let isLeftToCard =
      field == 0 || field == InternetChecksum.fold(pseudoHeader)
      || field == InternetChecksum.fold(pseudoHeader &+ length)
    // Longer than any frame: the receiving network card or system put several segments together, and kept the checksum
    // of one of them.
    let isCoalesced = datagramLength > Self.longestFrame
    self = isLeftToCard || isCoalesced ? .unknown : .wrong
  }

  /// Bytes of IP in a jumbo frame, as network cards and switches commonly support them at most.
  private static let longestFrame = 9_216
}

extension IPAddress {
  /// The sum of its 32-bit words, for pseudo-headers.
  @inline(__always)
  var sum: UInt64 {
    (high >> 32) &+ (high & 0xffff_ffff) &+ (low >> 32) &+ (low & 0xffff_ffff)
  }
}
