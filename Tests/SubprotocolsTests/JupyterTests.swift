import Testing

@testable import Subprotocols

/// Messages of Jupyter kernels, in all their layouts.
struct JupyterTests {
  private func header(_ type: String, _ id: String) -> String {
    #"{"msg_id":"\#(id)","msg_type":"\#(type)","username":"u","session":"s","date":"2026-11-20T20:00:00Z","version":"5.4"}"#
  }

  /// The layout v1.
  private func v1(_ channel: String, _ parts: [String]) -> [UInt8] {
    var offsets = [8 * (parts.count + 3)]
    for part in [channel] + parts { offsets.append((offsets.last ?? 0) + part.utf8.count) }
    let numbers = [UInt64(offsets.count)] + offsets.map { UInt64($0) }
    return numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
      + ([channel] + parts).flatMap { Array($0.utf8) }
  }

  @Test("a request, what it causes, and its reply are linked")
  func cell() throws {
    let peers = ViewTester("v1.kernel.websocket.jupyter.org")
    let request = try #require(
      peers.binary(v1("shell", [header("execute_request", "q1"), "{}", "{}", #"{"code":"print(6 * 7)"}"#])))
    #expect(
      request.text
        == #"{"name":"jupyter","channel":"shell","msg_type":"execute_request","msg_id":"q1","session":"s","username":"u","date":"2026-11-20T20:00:00Z","content":{"code":"print(6 * 7)"}}"#
    )
    #expect(request.words == "Jupyter shell execute_request print(6 * 7)")
    let parent = header("execute_request", "q1")
    let stream = try #require(
      peers.binary(
        v1("iopub", [header("stream", "k1"), parent, "{}", #"{"name":"stdout","text":"42\n"}"#]), fromClient: false))
    #expect(stream["reply_to"] == "1")
    #expect(stream["latency"] == nil)
    #expect(stream["parent_msg_type"] == "execute_request")
    #expect(stream.words == "Jupyter iopub stream stdout 42 ")
    let reply = try #require(
      peers.binary(
        v1(
          "shell",
          [
            header("execute_reply", "k2"), parent, #"{"started":1}"#, #"{"status":"error","ename":"E","evalue":"v"}"#,
            "\u{0}\u{1}",
          ]), fromClient: false))
    #expect(reply["latency"] == "0.002000000")
    #expect(reply["buffers"] == "[2]")
    #expect(reply["metadata.started"] == "1")
    #expect(reply.words == "Jupyter shell execute_reply error E: v")
    #expect(reply.replies == [ViewReply(label: "execute_request", request: 1, isError: true, latency: 2_000_000)])
    #expect(peers.faults.isEmpty)
  }

  @Test("the default protocol: JSON, or JSON with buffers behind it")
  func json() throws {
    let peers = ViewTester(target: "/api/kernels/0f4b/channels?session_id=1")
    let text =
      #"{"header":\#(header("kernel_info_request", "a")),"parent_header":{},"metadata":{},"content":{},"buffers":[],"channel":"shell"}"#
    #expect(peers.text(text)?.words == "Jupyter shell kernel_info_request")
    let comm =
      #"{"header":\#(header("comm_msg", "b")),"parent_header":\#(header("kernel_info_request", "a")),"metadata":{},"content":{"data":1},"channel":"iopub"}"#
    let start = UInt32(12)
    let second = start + UInt32(comm.utf8.count)
    let numbers = [2, start, second].flatMap { n in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: n >> $0) } }
    let view = try #require(peers.binary(numbers + Array(comm.utf8) + [1, 2, 3], fromClient: false))
    #expect(view["buffers"] == "[3]")
    #expect(view["reply_to"] == "1")
    #expect(view.words == #"Jupyter iopub comm_msg {"data":1}"#)
  }

  @Test("it is recognised by its messages alone, and nothing else is")
  func recognition() {
    #expect(ViewTester().binary(v1("shell", [header("x_request", "1"), "{}", "{}", "{}"]))?.name == "jupyter")
    #expect(ViewTester().text(#"{"header":{"msg_id":"1"},"parent_header":{},"content":{}}"#)?.name == "json")
    #expect(ViewTester().binary(v1("shell", ["{}", "{}", "{}", "{}"])) == nil)
  }

  @Test("offsets that lie, and parts that are no JSON")
  func malformed() {
    let peers = ViewTester("v1.kernel.websocket.jupyter.org")
    let message = v1("shell", [header("execute_request", "q1"), "[]", "{", #"{"code":""}"#])
    #expect(peers.binary(message)?["metadata"] == nil)
    #expect(
      peers.faults
        == [
          "Jupyter messaging: the parent header is no JSON object", "Jupyter messaging: the metadata is no JSON object",
        ])
    for i in 0..<64 {
      var changed = message
      changed[i] = changed[i] &+ 255
      _ = peers.binary(changed)?.text
    }
    for end in message.indices { _ = peers.read(Array(message[..<end]), isText: false, isWhole: false)?.text }
  }
}
