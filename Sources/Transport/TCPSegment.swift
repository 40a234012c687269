/// The control bits of a TCP header (RFC 9293 §3.1).
public struct TCPFlags: OptionSet, Hashable, Sendable {
  /// The low byte of the header's flags.
  public var rawValue: UInt8

  /// The set of flags in `rawValue`.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// No more data from the sender.
  @inlinable public static var fin: TCPFlags { TCPFlags(rawValue: 0x01) }
  /// Synchronize sequence numbers.
  @inlinable public static var syn: TCPFlags { TCPFlags(rawValue: 0x02) }
  /// Reset the connection.
  @inlinable public static var rst: TCPFlags { TCPFlags(rawValue: 0x04) }
  /// Push function.
  @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x08) }
  /// The acknowledgment field is significant.
  @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x10) }
  /// The urgent pointer is significant.
  @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x20) }
}

/// What a segment's checksum says (RFC 9293 §3.1, RFC 1071).
public enum TCPChecksum: UInt8, Sendable {
  /// It fits.
  case valid
  /// It fits not.
  case wrong
  /// It cannot be told: the segment is cut; or the checksum was left for the network card to fill in (it is zero or the
  /// sum of the pseudo-header alone); or it fits not, but the datagram is longer than a jumbo frame (9,216 bytes): the
  /// receiving side put segments together and kept the checksum of one.
  case unknown
}

/// One TCP segment, taken from a packet. It holds no bytes: `payload` is a range of the bytes it was decoded from.
public struct TCPSegment: Equatable, Sendable {
  /// The sender.
  public var source: Endpoint
  /// The receiver.
  public var destination: Endpoint
  /// The sequence number of the first payload byte, or of SYN where `flags` have it.
  public var sequence: SequenceNumber
  /// The next sequence number that the sender expects; significant if `flags` contain `.ack`.
  public var acknowledgment: SequenceNumber
  /// The control bits.
  public var flags: TCPFlags
  /// What the checksum says.
  public var checksum: TCPChecksum
  /// The folded 16-bit one's-complement sum of the payload, as summed from its first byte; 0 if `checksum` is unknown
  /// because the segment is cut. Two copies of a segment with different sums have different payloads.
  public var payloadSum: UInt16
  /// The payload bytes that were captured.
  public var payload: Range<Int>
  /// Payload length as the packet's headers say, in bytes; more than `payload.count` where a snaplen cut the packet.
  public var payloadLength: Int

  /// A segment of these properties.
  public init(
    source: Endpoint, destination: Endpoint, sequence: SequenceNumber, acknowledgment: SequenceNumber = .init(0),
    flags: TCPFlags, checksum: TCPChecksum = .unknown, payloadSum: UInt16 = 0, payload: Range<Int>, payloadLength: Int
  ) {
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.flags = flags
    self.checksum = checksum
    self.payloadSum = payloadSum
    self.payload = payload
    self.payloadLength = payloadLength
  }
}
