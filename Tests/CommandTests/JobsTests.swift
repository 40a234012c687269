import Capture
import Export
import TestSupport
import Testing
import Transport
import WebSocket

@testable import WSTapCommand

@Suite("Several jobs")
struct JobsTests {
  private static let counts = ["2", "3", "7"]

  @Test("print what one prints, byte by byte", arguments: SampleFiles.names)
  func samples(_ sample: String) throws {
    for options in [["--json"], ["--json", "--only", "message,diagnostic"], ["--only", "summary"]] {
      let arguments = options + ["Samples/\(sample)", "--jobs"]
      let one = try runTool(arguments + ["1"])
      for count in Self.counts {
        let several = try runTool(arguments + [count])
        #expect(several.output == one.output, "\(arguments) \(count)")
        #expect(several.error == one.error && several.code == one.code, "\(arguments) \(count)")
      }
    }
  }

  @Test("number the connections of all files together as one does, and stop after the same packet")
  func allSamples() throws {
    let files = SampleFiles.names.map { "Samples/\($0)" }
    for options in [["--json"], ["--json", "-c", "1000"], ["--json", "--max-payload", "8", "--fail-on", "note"]] {
      let one = try runTool(options + files + ["--jobs", "1"])
      #expect(one.lines.count > 100)
      for count in Self.counts {
        let several = try runTool(options + files + ["--jobs", count])
        #expect(several.output == one.output && several.error == one.error && several.code == one.code)
      }
    }
  }

  @Test("are one where the output is for people, or the input cannot be read twice")
  func impossible() throws {
    for arguments in [["Samples/browser-chat.pcap"], ["--json", "-l", "Samples/browser-chat.pcap"]] {
      #expect(try runTool(arguments + ["-j", "4"]).output == runTool(arguments).output)
    }
    let connection = ["--json", "--connection", "2", "Samples/rolled-1.pcap", "Samples/rolled-2.pcap"]
    #expect(try runTool(connection + ["-j", "4"]).output == runTool(connection).output)
  }

  @Test("end quietly when nobody reads what they write")
  func closedPipe() throws {
    let files = (0..<20).map { _ in "Samples/masked-lengths.pcap.gz" }
    let tool = try RunningTool(["--json", "--max-payload", "none", "-j", "3"] + files)
    #expect(tool.readLine()?.hasPrefix(#"{"type":"capture""#) == true)
    try tool.closeOutput()
    let run = try tool.finish()
    #expect(run.code == 0 && run.error.isEmpty, "\(run.error)")
  }

  @Test("end connections that were reset, and begin those behind a SYN that was not answered, in the same order")
  func doubts() throws {
    var capture = CaptureBuilder()
    let start: Int64 = 1_700_000_000_000_000_000
    func add(_ packets: some Sequence<CaptureBuilder.Packet>) {
      for packet in packets { capture.add(packet.bytes, at: packet.time, linkType: packet.linkType) }
    }
    for port in Array(stride(from: 2, through: 40, by: 2)) + Array(stride(from: 1, to: 40, by: 2)) as [UInt16] {
      let client = Endpoint(PacketBuilder.client.address, port: 50_000 + port &* 7919 % 1000)
      // All at the same time, so that all that were reset are over at once.
      var talk = ConversationBuilder(client: client, clock: Timestamp(nanoseconds: start))
      talk.open()
      talk.upgrade()
      talk.frame(.client, .text, "from \(port)")
      if port % 2 == 0 { talk.reset(port % 4 == 0 ? .client : .server) }
      add(talk.packets)
      guard port % 2 == 1 else { continue }
      let later = Timestamp(nanoseconds: start + 9_000_000_000 + Int64(port) * 1_000_000_000)
      var other = ConversationBuilder(client: client, initial: [0x7000_0000, 0x6000_0000], clock: later)
      other.open()
      other.upgrade()
      other.frame(.client, .text, "again from \(port)")
      // Nobody answers.
      add([0, 2, 3, 7].map { other.packets[$0] })
    }
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap(), "doubts.pcap", in: folder)
      let one = try runTool(["--json", path, "-j", "1"])
      #expect(one.lines.filter { $0.contains(#""ended_by":"rst""#) }.count == 20)
      #expect(one.lines.filter { $0.contains("again from") }.count == 40, "frames and messages")
      for count in Self.counts { #expect(try runTool(["--json", path, "-j", count]).output == one.output, "\(count)") }
    }
  }

  @Test("hold only parts of messages that are larger than what they hand over")
  func largeMessages() throws {
    try withTemporaryFolder { folder in
      var capture = ServerCapture()
      for i in 0..<4 { capture.frame(2, [UInt8](repeating: UInt8(i), count: 1_500_000)) }
      let path = try write(capture.pcap, "large.pcap", in: folder)
      let arguments = ["--json", "--max-payload", "none", path, "-j"]
      let one = try runTool(arguments + ["1"])
      #expect(one.output.count > 16_000_000)
      #expect(try runTool(arguments + ["2"]).output == one.output)
    }
  }
}

@Suite("Putting outputs together")
struct OutputMergeTests {
  /// What one job would write, a packet at a time, and the job that the packet belongs to. The connection's number is put
  /// in front, unless it is 0.
  private struct Piece {
    var text: String
    var job: Int
    var connection: Int
  }

  private final class Collected {
    var bytes: [UInt8] = []
  }

  @Test("the pieces come in order, and the numbers are those of one job, however the outputs are cut")
  func random() {
    var random = SeededGenerator.announced(#function)
    for _ in 0..<300 {
      let jobs = Int.random(in: 2...4, using: &random)
      var owners: [Int] = []
      let pieces = (0..<Int.random(in: 0...60, using: &random)).map { i -> Piece in
        var connection = Int.random(in: 0...owners.count, using: &random)
        if Int.random(in: 0..<2, using: &random) == 0 { connection = min(connection, max(owners.count - 1, 0)) }
        // A connection is numbered by its first piece.
        if connection == owners.count { owners.append(Int.random(in: 0..<jobs, using: &random)) }
        return Piece(text: "<\(i)>", job: owners[connection], connection: connection)
      }
      let links = (0..<jobs).map { _ in (queue: BoundedQueue<OutputChunk>(most: 1000), known: KnownNumbers()) }
      for job in 0..<jobs { Self.write(pieces, of: job, owners, to: links[job].queue, &random) }
      let text = Collected()
      let pool = ChunkPool()
      var merge = OutputMerge(
        links, pool,
        write: { for place in $0 { text.bytes += UnsafeRawBufferPointer(start: place.iov_base, count: place.iov_len) } }
      )
      merge.run(isStopped: { false })
      let expected = pieces.map { "\($0.connection + 1)\($0.text)" }.joined()
      #expect(String(decoding: text.bytes, as: UTF8.self) == expected)
      // Each job is told the numbers of its connections, in the order in which they were opened.
      for job in 0..<jobs {
        let known = (1...61).map { links[job].known[$0] }
        let numbers = owners.indices.filter { owners[$0] == job }.map { UInt64($0 + 1) }
        #expect(known.prefix(numbers.count).elementsEqual(numbers, by: ==))
        #expect(known.dropFirst(numbers.count).allSatisfy { $0 == nil })
      }
    }
  }

  @Test("a number that another one has taken the place of is not known, nor is one that is too large to keep")
  func knownNumbers() {
    let known = KnownNumbers()
    known.tell(5, is: 9)
    #expect(known[5] == 9)
    known.tell(5 + 1 << 14, is: 40_000)
    #expect(known[5] == nil)
    #expect(known[5 + 1 << 14] == 40_000)
    known.tell(6, is: 1 << 32)
    known.tell(7 + 1 << 32, is: 3)
    #expect(known[6] == nil && known[7] == nil && known[7 + 1 << 32] == nil)
  }

  /// Writes what `job` has of `pieces`, in chunks that end anywhere.
  private static func write(
    _ pieces: [Piece], of job: Int, _ owners: [Int], to queue: BoundedQueue<OutputChunk>,
    _ random: inout SeededGenerator
  ) {
    var chunk = OutputChunk()
    var text: [UInt8] = []
    var newest = -1
    for (i, piece) in pieces.enumerated() {
      newest = max(newest, piece.connection)
      // All connections up to the newest one were opened by now, in this order.
      let mine = owners[...newest].indices.filter { owners[$0] == job }
      let position = OutputPosition.packet(UInt64(i + 1))
      if piece.job == job {
        let number = (mine.firstIndex(of: piece.connection) ?? 0) + 1
        var end: UInt64 { chunk.start + UInt64(text.count) }
        chunk.gaps.append(.init(offset: end, number: UInt64(number)))
        for byte in piece.text.utf8 {
          text.append(byte)
          guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
          chunk.pieces.append(.init(position: position, end: end, numbered: UInt64(mine.count - 1)))
          chunk.reached = position
          let next = end
          chunk.bytes = bytes(text)
          queue.put(chunk)
          text = []
          chunk = OutputChunk(start: next)
        }
        chunk.pieces.append(.init(position: position, end: end, numbered: UInt64(mine.count)))
      } else if Int.random(in: 0..<3, using: &random) == 0 {
        let next = chunk.start + UInt64(text.count)
        chunk.reached = .before(packet: UInt64(i + 1))
        chunk.bytes = bytes(text)
        queue.put(chunk)
        text = []
        chunk = OutputChunk(start: next)
      }
    }
    chunk.reached = .end
    chunk.bytes = bytes(text)
    queue.put(chunk)
  }

  private static func bytes(_ text: [UInt8]) -> ChunkBytes {
    let bytes = ChunkBytes()
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + 1)
    buffer.initialize(from: text, count: text.count)
    bytes.exchange(buffer, text.count + 1, text.count).0.deallocate()
    return bytes
  }
}
