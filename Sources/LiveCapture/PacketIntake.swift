import CPcap
import Capture

/// Takes packets as they are captured, and hands them over in batches. Where nobody takes those, packets are dropped and counted.
public final class PacketIntake {
  /// Packets that were dropped because no batch could be handed over.
  public private(set) var dropped: UInt64 = 0
  /// Packets that were taken.
  public private(set) var taken: UInt64 = 0
  /// The time of the last packet that came.
  public private(set) var lastTime = Timestamp(nanoseconds: .min)

  private var batch: PacketBatch
  private let linkType: LinkType
  private let nanosecondsPerTick: Int64
  private let handOver: (PacketBatch, UInt64) -> PacketBatch?

  /// - Parameters:
  ///   - capture: where the packets come from.
  ///   - handOver: takes a batch, and how many packets were dropped before, and gives an empty one; nil if it did not take it.
  public init(_ capture: LiveCapture, handOver: @escaping (PacketBatch, UInt64) -> PacketBatch?) {
    linkType = capture.linkType
    nanosecondsPerTick = capture.hasNanoseconds ? 1 : 1000
    batch = PacketBatch()
    self.handOver = handOver
  }

  /// Hands over what was taken, however little; what cannot be is kept for the next time.
  public func flush() {
    if !batch.isEmpty, let empty = handOver(batch, dropped) { batch = empty }
  }

  /// What was taken and not handed over; nil if that is nothing. Nothing can be taken afterwards.
  public func takeLast() -> PacketBatch? { batch.isEmpty ? nil : batch }

  func take(_ header: pcap_pkthdr, _ data: UnsafeRawBufferPointer) {
    let time = Timestamp(
      nanoseconds: Int64(header.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.ts.tv_usec) &* nanosecondsPerTick)
    lastTime = max(lastTime, time)
    if batch.isFull {
      flush()
      if batch.isFull {
        dropped += 1
        return
      }
    }
    taken += 1
    batch.append(
      CapturedPacket(
        number: taken, time: time, linkType: linkType, originalLength: header.len, data: 0..<0), data)
  }
}
