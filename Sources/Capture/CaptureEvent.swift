import Bytes

/// What a capture file holds, one thing at a time.
///
/// Ranges point into the bytes shown to the `CaptureReader`; nothing is copied.
public enum CaptureEvent: Equatable, Sendable {
  /// A packet.
  case packet(CapturedPacket)
  /// An interface that later packets name: one for a pcap file, any number for a pcapng section.
  case interface(CaptureInterface)
  /// Secrets that decrypt what was captured (pcapng Decryption Secrets Block).
  case secrets(CaptureSecrets)
  /// What an interface counted, drops among it (pcapng Interface Statistics Block).
  case statistics(InterfaceStatistics)
  /// The file breaks its format's rules here; what can be read is read on.
  case fault(CaptureFault)
  /// A pcapng block of another kind: a section's header, names, or what only its writer knows. Given only where
  /// `CaptureReader.givesAllBlocks` asks for it.
  case other(CaptureBlock)
}

/// A pcapng block as it stands in the file, for who copies it.
public struct CaptureBlock: Equatable, Sendable {
  /// The registry's number of its type.
  public var type: UInt32
  /// All of it, from its type to its second length, as a range of the bytes shown; a multiple of 4 long, whatever the lengths
  /// in it say.
  public var bytes: Range<Int>
  /// The byte order of its section.
  public var order: ByteOrder

  /// Whether it tells of something that happened while the capture was made, but was no packet: a journal's entry, a system call.
  public var isOtherEvent: Bool {
    let type = PcapngBlockType(rawValue: type)
    return type.isNumberedByWireshark && type != .custom && type != .customNotCopied
  }

  /// The block of this type at `bytes`.
  public init(type: UInt32, bytes: Range<Int>, order: ByteOrder) {
    self.type = type
    self.bytes = bytes
    self.order = order
  }
}

/// A pcapng Decryption Secrets Block.
public struct CaptureSecrets: Equatable, Sendable {
  /// What the secrets are for.
  public var type: SecretsType
  /// The secrets, as a range of the bytes shown.
  public var data: Range<Int>

  /// Secrets of `type` at `data`.
  public init(type: SecretsType, data: Range<Int>) {
    self.type = type
    self.data = data
  }
}

/// What the data of a Decryption Secrets Block is: the pcapng registry of secrets types.
public struct SecretsType: RawRepresentable, Hashable, Sendable {
  /// The registry's number.
  public var rawValue: UInt32

  /// The secrets type with the registry's number `rawValue`.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A TLS key log in the format of NSS: lines of text, such as `CLIENT_RANDOM …`.
  public static let tlsKeyLog = SecretsType(rawValue: 0x544c_534b)
  /// A WireGuard key log.
  public static let wireGuardKeyLog = SecretsType(rawValue: 0x5747_4b4c)
}
