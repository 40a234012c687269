import Foundation
import LiveCapture
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("Capturing live, as far as that can be tested alone", .serialized)
struct LiveCommandTests {
  /// The options that make sense with an interface only. What they do is shown by real peers: see Tests/Live.
  static let options = [
    "--interface", "--list-interfaces", "--filter", "--snaplen", "--no-promiscuous", "--buffer", "--duration", "--user",
  ]

  /// Whether this process may capture; if not, what needs that is left out.
  static let mayCapture: Bool = {
    // What is tested is not asked.
    let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }()

  @Test("-D lists the interfaces, one a line, with state and addresses")
  func list() throws {
    let run = try runTool(["-D"])
    #expect(run.code == 0)
    #expect(run.lines.contains { $0.hasPrefix("lo ") && $0.contains("up, loopback") && $0.contains("127.0.0.1") })
  }

  @Test("a wrong filter is shown with a mark where it is wrong", .enabled(if: mayCapture, "no permission to capture"))
  func filter() throws {
    let run = try runTool(["-i", "lo", "-f", "tcp port port 80"])
    #expect(run.code == 2 && run.output.isEmpty)
    #expect(run.error.contains("  tcp port port 80\n           ^^^^\n"))
  }

  @Test(
    "an interface that is not there is named, and those that are", .enabled(if: mayCapture, "no permission to capture"))
  func interface() throws {
    let run = try runTool(["-i", "lp"])
    #expect(run.code == 2 && run.error.contains("there is no interface 'lp'"))
    #expect(run.error.contains("Did you mean 'lo'?"))
  }

  @Test(
    "the capture ends after --duration, with what it is to say", .enabled(if: mayCapture, "no permission to capture"))
  func duration() throws {
    let run = try runTool([
      "--json", "-i", "lo", "-f", "udp port 9", "--duration", "0.2s", "-s", "128", "-p", "--buffer", "1M",
    ])
    #expect(run.code == 1, "nothing found")
    #expect(run.lines.first?.contains(#""files":[{"path":"lo","format":"live","link_types":[1]}]"#) == true)
    #expect(run.lines.last?.contains(#""drops":0"#) == true)
    #expect(run.error.hasPrefix("wstap: capturing from 'lo'"))
    let summary = "wstap: 0 WebSocket connections, 0 messages in 0 frames; read 0 packets, 0 TCP connections\n"
    #expect(run.error.hasSuffix("; Ctrl-C ends it\n" + summary))
  }

  @Test("a user who is not there is named", .enabled(if: mayCapture && geteuid() == 0, "not root"))
  func user() throws {
    let run = try runTool(["-i", "lo", "--duration", "0.2s", "--user", "nobody-of-that-name"])
    #expect(run.code == 2 && run.error.contains("there is no user 'nobody-of-that-name'"))
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      (["-f", "tcp", "x.pcap"], "option '-f' needs an interface to capture from, given with -i"),
      (["-i", "lo", "x.pcap"], "either capture from 'lo' or read 'x.pcap', not both"),
      (["-i", ""], "invalid value '' for '-i': give the name of an interface"),
      (
        ["-i", "lo", "--duration", "soon"],
        "invalid value 'soon' for '--duration': give a time such as 90, 0.5s, 10m or 2h"
      ),
      (
        ["-i", "lo", "--buffer", "1"],
        "invalid value '1' for '--buffer': give a number of bytes from 64k to less than 2G"
      ),
      (["-i", "lo", "-s", "0"], "invalid value '0' for '-s': give a number of bytes from 1 to 256k"),
    ] as [([String], String)])
  func refused(arguments: [String], sentence: String) throws {
    let run = try runTool(arguments)
    #expect(run.code == 2 && run.error.contains(sentence), "\(run.error)")
  }

  @Test("a status line says how it stands, and leaves out what does not fit")
  func status() {
    var before = LiveStatus.Figures()
    var now = LiveStatus.Figures(open: 3, connections: 5, number: 6000, packets: 9000, bytes: 1 << 20)
    now.drops.droppedHere = 12
    #expect(
      LiveStatus.line(now, since: before, after: 0.5, width: 80)
        == "3 open  12 dropped  12,000 frames/s  2.0 MiB/s  9,000 packets")
    #expect(LiveStatus.line(now, since: before, after: 0.5, width: 35) == "3 open  12 dropped  12,000 frames/s")
    before.number = 7000
    #expect(LiveStatus.line(now, since: before, after: 0, width: 23) == "3 open  12 dropped")
    #expect(
      LiveStatus.report(now)
        == "wstap: 3 WebSocket connections open, 5 so far, 6,000 frames, 9,000 packets; "
        + "dropped: 12 by wstap, which could not keep up\n")
  }
}
