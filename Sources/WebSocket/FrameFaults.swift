/// The rules of RFC 6455 §5 that a header by itself can break.
public struct FrameFaults: OptionSet, Hashable, Sendable {
  /// The set as bits.
  public var rawValue: UInt16

  /// The set with the bits `rawValue`.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A reserved bit is set that no extension gives a meaning (§5.2).
  @inlinable public static var reservedBit: FrameFaults { FrameFaults(rawValue: 1) }
  /// An opcode without a meaning (§5.2).
  @inlinable public static var reservedOpcode: FrameFaults { FrameFaults(rawValue: 2) }
  /// Masked where it must not be, or not where it must be (§5.1).
  @inlinable public static var wrongMasking: FrameFaults { FrameFaults(rawValue: 4) }
  /// A length in more bytes than it needs (§5.2).
  @inlinable public static var lengthNotMinimal: FrameFaults { FrameFaults(rawValue: 8) }
  /// The top bit of a 64-bit length (§5.2).
  @inlinable public static var lengthTopBit: FrameFaults { FrameFaults(rawValue: 16) }
  /// A control frame without FIN (§5.5).
  @inlinable public static var fragmentedControl: FrameFaults { FrameFaults(rawValue: 32) }
  /// A control frame with more than 125 bytes of payload (§5.5).
  @inlinable public static var longControl: FrameFaults { FrameFaults(rawValue: 64) }
}

extension FrameHeader {
  /// What this header breaks.
  ///
  /// - Parameters:
  ///   - isFromClient: the client masks, the server does not (§5.1).
  ///   - compression: what was agreed upon for this direction; it gives RSV1 its meaning (RFC 7692 §6).
  @inlinable
  public func faults(isFromClient: Bool, compression: DirectionCompression?) -> FrameFaults {
    // The usual frame: FIN and a defined opcode, no RSV, mask as due, short length.
    let isPlain = firstByte == 0x81 || firstByte == 0x82
    if isPlain, isMasked == isFromClient, secondByte & 0x7F < 126 { return [] }
    return allFaults(isFromClient: isFromClient, compression: compression)
  }

  @usableFromInline
  func allFaults(isFromClient: Bool, compression: DirectionCompression?) -> FrameFaults {
    var faults: FrameFaults = []
    let mayCompress = compression.map { !opcode.isControl && (opcode != .continuation || $0.isPerFrame) } ?? false
    // RSV1 on a continuation of a compressed message has a diagnostic of its own.
    let isContinuation = compression != nil && opcode == .continuation
    if rsv2 || rsv3 || (rsv1 && !mayCompress && !isContinuation) { faults.insert(.reservedBit) }
    if !opcode.isDefined { faults.insert(.reservedOpcode) }
    if isMasked != isFromClient { faults.insert(.wrongMasking) }
    switch lengthForm {
    case .seven: break
    case .sixteen: if payloadLength < 126 { faults.insert(.lengthNotMinimal) }
    case .sixtyFour:
      if payloadLength < 65_536 { faults.insert(.lengthNotMinimal) }
      if payloadLength >> 63 != 0 { faults.insert(.lengthTopBit) }
    }
    if opcode.isControl {
      if !isFinal { faults.insert(.fragmentedControl) }
      if payloadLength > 125 { faults.insert(.longControl) }
    }
    return faults
  }
}
