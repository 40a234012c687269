import CPcap
import Testing

@testable import LiveCapture

@Suite("Counts of a live capture")
struct CountTests {
  @Test("counts go on where those of libpcap, of 32 bits, begin again")
  func wrapping() {
    var counts = LiveCaptureCounts()
    counts.add(pcap_stat(ps_recv: 2_000_000_000, ps_drop: 7, ps_ifdrop: 2_000_000_000))
    counts.add(pcap_stat(ps_recv: 4_000_000_000, ps_drop: 7, ps_ifdrop: 4_000_000_000))
    counts.add(pcap_stat(ps_recv: 4_000_000_000, ps_drop: 7, ps_ifdrop: .max))
    counts.add(pcap_stat(ps_recv: 4_000_000_000, ps_drop: 7, ps_ifdrop: 1))
    counts.add(pcap_stat(ps_recv: 5, ps_drop: 8, ps_ifdrop: 2))
    #expect(counts.received == 1 << 32 + 5)
    #expect(counts.droppedBySystem == 8)
    #expect(counts.droppedByInterface == 1 << 32 + 2)
  }

  @Test("what an interface that is gone dropped is not forgotten")
  func back() {
    var counts = LiveCaptureCounts()
    counts.add(pcap_stat(ps_recv: 9, ps_drop: 0, ps_ifdrop: 12))
    counts.add(pcap_stat(ps_recv: 9, ps_drop: 0, ps_ifdrop: 0))
    #expect(counts.droppedByInterface == 12)
  }
}
