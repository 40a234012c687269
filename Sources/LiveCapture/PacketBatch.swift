import Capture

/// Packets that were captured one after the other, and their bytes.
public final class PacketBatch: @unchecked Sendable {
  /// A batch is handed over when it has so many bytes (1 MiB), or so many packets.
  public static let usualBytes = 1 << 20
  static let mostPackets = 16_384

  /// The bytes that the packets' ranges point into.
  public private(set) var bytes: [UInt8] = []
  /// The packets, in the order in which they were captured.
  public private(set) var packets: [CapturedPacket] = []

  /// An empty batch.
  public init() { bytes.reserveCapacity(Self.usualBytes + (1 << 18)) }

  /// Whether it is to be handed over before anything is added.
  public var isFull: Bool { bytes.count >= Self.usualBytes || packets.count >= Self.mostPackets }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { packets.isEmpty }

  /// Forgets all that is in it.
  public func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    packets.removeAll(keepingCapacity: true)
  }

  /// Adds `packet`, whose bytes are `data`.
  func append(_ packet: CapturedPacket, _ data: UnsafeRawBufferPointer) {
    var packet = packet
    packet.data = bytes.count..<bytes.count + data.count
    bytes.append(contentsOf: data)
    packets.append(packet)
  }
}
