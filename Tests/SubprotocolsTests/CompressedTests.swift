import Testing

@testable import Subprotocols

/// What is compressed inside of payloads: gzip, zlib, and one zlib stream over many messages. The data was made by Python's zlib.
struct CompressedTests {
  static let rpc = hex(
    """
    1f8b0800000000000203ab56ca2acecf2b2a4856b25232d23350d251ca4d2dc9c84f01720b32f3d281fc4c20dbbc1600dbb3938628000000
    """)
  private static let hello = hex("1f8b0800000000000203cb48cdc9c95728cf2fca49010085114a0d0b000000")
  private static let operation = hex("789cab56ca2f50b232ac05000bad0287")
  /// "deep" in gzip in gzip, six times.
  static let nested = hex(
    """
    1f8b08000000000002030160009fff1f8b080000000000020393efe660000126e6c9ef9f253030aa3d3bf97ebeaa81c12a5beb9f75fb56351e5cb5
    d4bf5ede7e5fe6ebbbe262d3a6cd16dba6baacb662b2de93809301d5661dc1cc2b1819eeeee7bb6c09340300f13de8874c000000fe2f212b60000000
    """)
  /// Three MiB of zeros, in zlib.
  private static let zeros =
    hex("78daedc1010d000000c2a0f74f6d0e37a0") + [UInt8](repeating: 0, count: 3048) + hex("be0d02d00001")

  @Test("what gzip holds is shown, and what it means")
  func gzip() throws {
    let peers = ViewTester()
    let view = try #require(peers.binary(Self.rpc))
    #expect(
      view.text
        == #"{"name":"gzip","length":40,"content":{"jsonrpc":"2.0","method":"ping","id":7},"carries":{"name":"jsonrpc","kind":"request","method":"ping","id":7}}"#
    )
    #expect(view.words == "gzip JSON-RPC ping #7")
    let text = try #require(peers.binary(Self.hello))
    #expect(text.text == #"{"name":"gzip","length":11,"content":"hello world"}"#)
    #expect(text.words == "gzip hello world")
  }

  @Test("what several members of gzip hold stands one behind the other")
  func members() throws {
    let members = hex(
      "1f8b0800000000000203ab56ca2f50b2020052302c3d060000001f8b080000000000020333ac0500cc1830a902000000")
    let view = try #require(ViewTester().binary(members))
    #expect(view["content"] == #"{"op":1}"#)
    #expect(view["truncated"] == nil)
    let peers = ViewTester(forced: "gzip")
    _ = peers.binary(members + [7, 7])
    #expect(peers.faults == ["RFC 1952: 2 bytes behind the compressed data"])
    _ = peers.binary(members + members.prefix(15))
    #expect(peers.faults == ["RFC 1952: the compressed data is not complete"])
    let many = [[UInt8]](repeating: members, count: 30_000).joined()
    #expect(peers.binary(Array(many))?["length"] == "240000")
  }

  @Test("zlib is recognised by its checksum, not by its first bytes")
  func zlib() throws {
    let view = try #require(ViewTester().binary(Self.operation))
    #expect(view.name == "zlib")
    #expect(view.confidence == 0.99)
    #expect(view["content"] == #"{"op":1}"#)
    for i in 2..<Self.operation.count {
      var damaged = Self.operation
      damaged[i] ^= 0x55
      #expect(ViewTester().binary(damaged)?.name != "zlib")
    }
    #expect(ViewTester().binary(Self.operation + [0])?.name != "zlib")
  }

  @Test("what is compressed again and again is opened four times")
  func nested() throws {
    let view = try #require(ViewTester().binary(Self.nested))
    #expect(view["carries.carries.carries.name"] == "gzip")
    #expect(view["carries.carries.carries.carries.name"] == "gzip")
    #expect(view["carries.carries.carries.carries.carries"] == nil)
    #expect(view.text.count < 2000)
  }

  @Test("no more than 1 MiB is inflated")
  func bomb() throws {
    let view = try #require(ViewTester().binary(Self.zeros))
    #expect(view["length"] == "1048576")
    #expect(view["truncated"] == "true")
    #expect(view.json.count < 8 << 20)
  }

  @Test("data that breaks off or is damaged is shown as far as it goes")
  func cut() throws {
    for end in 11..<Self.rpc.count {
      let view = try #require(ViewTester().binary(Array(Self.rpc[..<end])))
      #expect(view["truncated"] == "true")
      #expect(view.text.count < 2000)
    }
  }

  // MARK: One stream over many messages

  static let stream = [
    hex(
      "789caa562a51b2ca2bcdc9d1512a8631f20b94ac0c0d74945294acaa953252138b4a9252134be233f34a528bca127394ac4c0c8d4c0d6a6b01000000ffff"
    ),
    hex("aac6a5d710ac1724500b000000ffff"),
  ]

  @Test("messages of a zlib stream are inflated one after the other, however they are spread")
  func spread() throws {
    let words = [
      #"zlib stream {"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}"#,
      #"zlib stream {"t":null,"s":null,"op":11,"d":null}"#,
    ]
    let peers = ViewTester()
    for (bytes, words) in zip(Self.stream, words) {
      let view = try #require(peers.binary(bytes, fromClient: false))
      #expect(view.name == "zlibstream")
      #expect(view.words == words)
      #expect(peers.faults.isEmpty)
      let plain = try #require(peers.text(#"{"op":1,"d":251}"#))
      #expect(plain["compressed"] == "false")
      #expect(plain.words == #"zlib stream {"op":1,"d":251}"#)
    }
    for cut in 1..<Self.stream[0].count - 1 {
      let peers = ViewTester("zlib-stream")
      // Two bytes are too few to know that the direction is compressed.
      guard cut > 5 else { continue }
      let first = try #require(peers.binary(Array(Self.stream[0][..<cut]), fromClient: false))
      #expect(first["continues"] == "true")
      let second = try #require(peers.binary(Array(Self.stream[0][cut...]), fromClient: false))
      #expect(second["first_message"] == "1")
      #expect(second.words == words[0])
      #expect(try #require(peers.binary(Self.stream[1], fromClient: false)).words == words[1])
    }
  }

  @Test("a message that is missing ends it, and what comes later says so")
  func lost() throws {
    let peers = ViewTester(target: "/?v=10&encoding=json&compress=zlib-stream")
    _ = peers.binary(Self.stream[0], fromClient: false)
    let cut = try #require(
      peers.read(Array(Self.stream[1].prefix(5)), isText: false, fromClient: false, isWhole: false))
    #expect(cut["lost"] == "true")
    #expect(peers.faults.isEmpty)
    #expect(try #require(peers.binary(Self.stream[1], fromClient: false))["lost"] == "true")
    let damaged = ViewTester("zlib-stream")
    _ = damaged.binary(Self.stream[0], fromClient: false)
    _ = damaged.binary(Self.stream[1].reversed(), fromClient: false)
    #expect(damaged.faults == ["RFC 1950: the compressed data is damaged"])
  }

  /// Three messages of one stream, and two that are streams of their own, each ended by a sync flush.
  private static let flushed = [
    hex("789caa56ca2f50b232ac05000000ffff"), hex("aa06d346b500000000ffff"), hex("82d0c6b500000000ffff"),
  ]
  private static let independent = [
    hex("789caa56ca2f50b232ac05000000ffff"), hex("789caa56ca2f50b232aa05000000ffff"),
  ]

  @Test("a message that only --max-payload cuts is shown as far as it is stored, and blamed for what follows")
  func cutByUser() throws {
    let peers = ViewTester("zlib-stream")
    _ = peers.binary(Self.flushed[0])
    let cut = try #require(peers.read(Array(Self.flushed[1].prefix(4)), isText: false, isCut: true))
    #expect(cut.words.contains("(cut by --max-payload; later messages need it)"))
    #expect(cut["lost"] == nil)
    #expect(cut["truncated"] == "true")
    #expect(cut["continues"] == nil)
    let next = try #require(peers.binary(Self.flushed[2]))
    #expect(next.words == "zlib stream (a message before it is cut by --max-payload)")
    #expect(next["lost"] == "true")
    #expect(peers.faults.isEmpty)
  }

  @Test("a stream that cannot be followed begins anew with a message that inflates by itself")
  func restart() throws {
    let peers = ViewTester("zlib-stream")
    _ = peers.binary(Self.flushed[0])
    peers.lose()
    #expect(peers.binary(Self.flushed[2])?["lost"] == "true")
    #expect(peers.binary(Self.flushed[0])?["content"] == #"{"op":1}"#)
    #expect(peers.binary(Self.flushed[1])?["content"] == #"{"op":2}"#)
    #expect(peers.faults.isEmpty)
  }

  @Test("messages that are compressed on their own are no damaged stream")
  func independent() throws {
    let peers = ViewTester()
    for i in [0, 1, 0, 0, 1] {
      #expect(peers.binary(Self.independent[i])?["content"] == #"{"op":\#(i + 1)}"#)
      #expect(peers.faults.isEmpty)
    }
    // Nothing but their look says that they are a stream.
    #expect(peers.binary([7, 6, 5, 4, 3, 2, 1, 0])?["lost"] == "true")
    #expect(peers.faults.isEmpty)
  }

  @Test("what only --max-payload cuts says so")
  func cutPayloads() throws {
    for (name, bytes) in [
      ("gzip", Self.rpc), ("msgpack", hex("82a161a3313233a16205")), ("cbor", hex("a2616163313233616205")),
    ] {
      let peers = ViewTester(forced: name)
      let view = try #require(peers.read(Array(bytes.dropLast(2)), isText: false, isCut: true))
      #expect(view.words.contains("(cut by --max-payload)"))
      #expect(peers.faults.isEmpty)
    }
  }

  @Test("where a stream ends, another may begin")
  func streams() throws {
    let peers = ViewTester("zlib-stream")
    for _ in 0..<3 {
      let view = try #require(peers.binary(Self.operation, fromClient: false))
      #expect(view.text == #"{"name":"zlibstream","length":8,"content":{"op":1},"carries":{"name":"json"}}"#)
    }
  }

  @Test("what a stream holds counts, and is given back")
  func memory() {
    let memory = ViewMemory()
    do {
      let view = ZlibStream(ViewContext(memory: memory))
      var writer = ViewWriter()
      let message = ViewedMessage(isFromClient: false, isText: false)
      let part = Array(Self.stream[0].prefix(40))
      _ = view.read(message, part.span.bytes, JSONOutline(), into: &writer)
      #expect(memory.held > PayloadInflater.cost)
    }
    #expect(memory.held == 0)
  }
}
