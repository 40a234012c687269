import HTTP
import TestSupport
import Testing

@Suite("Fields that are known by name, asked for without a string")
struct KnownFieldTests {
  @Test(
    "each is found by its name in any case, and by no name that differs in one byte", arguments: KnownField.allCases)
  func names(_ field: KnownField) throws {
    let name = Array(field.name.description.utf8)
    for spelled in [name, name.map { lower($0) }, name.map { (0x61...0x7A).contains(lower($0)) ? $0 & ~0x20 : $0 }] {
      let head = try head(of: [(spelled, Array("value".utf8))])
      #expect(head.value(field) == "value")
      #expect(KnownField.allCases.filter { head.has($0) } == [field])
    }
    for place in name.indices {
      for bit in 0..<8 {
        var other = name
        other[place] ^= 1 << bit
        if lower(other[place]) == lower(name[place]) || [0x0A, 0x3A].contains(other[place]) { continue }
        let head = try head(of: [(other, Array("value".utf8))])
        #expect(!KnownField.allCases.contains { head.has($0) }, "\(other)")
      }
    }
    for other in [Array(name.dropLast()), Array(name.dropFirst()), name + [0x61]] {
      #expect(try head(of: [(other, [])]).has(field) == false)
    }
  }

  @Test("they say the same as fields that are asked for by a string")
  func sameAsByString() throws {
    var chance = SeededGenerator.announced("known fields")
    let values = [
      "websocket", "WebSocket", "h2c, websocket", "\"websocket\"", "a,,b", "", "upgrade", "é", "x, \"a, b\"",
    ]
    for _ in 0..<500 {
      let lines = (0..<Int.random(in: 0...6, using: &chance)).map { _ in
        let field = KnownField.allCases.randomElement(using: &chance) ?? .host
        return (Array(field.name.description.utf8), Array((values.randomElement(using: &chance) ?? "").utf8))
      }
      let head = try head(of: lines)
      for field in KnownField.allCases {
        let name = field.name.description.lowercased()
        #expect(head.values(field) == head.values(name))
        #expect(head.value(field) == head.value(name))
        #expect(head.list(field) == head.list(name))
        #expect(head.names(field) == !head.list(name).isEmpty)
        #expect(head.count(of: field) == head.values(name).count)
        #expect(head.isRepeated(field) == (head.values(name).count > 1))
        #expect(head.hasToken("websocket", in: field) == head.hasToken("websocket", in: name), "\(head.values(name))")
        let isOnly = head.list(name).map { $0.lowercased() } == ["websocket"]
        #expect(head.isOnly("websocket", in: field) == isOnly, "\(head.values(name))")
      }
    }
  }

  @Test("a head that is made of strings is asked as one that was read")
  func madeOfStrings() {
    var head = HTTPHead(
      .request(method: "GET", target: "/", version: "HTTP/1.1"), [HeaderField("UPGRADE", "WebSocket")])
    #expect(head.hasToken("websocket", in: .upgrade) && head.asksForWebSocket)
    head.fields.append(HeaderField("Sec-WebSocket-Key", "key"))
    #expect(head.value(.key) == "key" && head.value(.upgrade) == "WebSocket")
    head.startLine = .response(version: "HTTP/1.1", status: 101, reason: "é")
    #expect(head.startLine == .response(version: "HTTP/1.1", status: 101, reason: "é"))
    #expect(head.status == 101 && !head.isRequest && head.switchesToWebSocket)
    head.forgetFields(andStartLine: false)
    #expect(head.fields.isEmpty && head.status == 101)
  }

  @Test("an accept value is compared as it is read, also where the key is not ASCII")
  func accept() throws {
    for key in [Array("dGhlIHNhbXBsZSBub25jZQ==".utf8), Array("clé".utf8), [0x63, 0x6C, 0xE9]] {
      let request = try head(of: [(Array("Sec-WebSocket-Key".utf8), key)])
      let expected = expectedAccept(forKey: try #require(request.value(.key)))
      for (accept, fits) in [
        (expected, true), ("x" + expected.dropFirst(), false), (expected + "=", false), ("", false),
      ] {
        let response = try head(of: [(Array("Sec-WebSocket-Accept".utf8), Array(accept.utf8))])
        #expect(HTTPHead.acceptFits(request: request, response: response) == fits)
      }
      #expect(HTTPHead.acceptFits(request: request, response: request) == nil)
    }
  }

  private func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  /// The head of a request with these fields.
  private func head(of fields: [(name: [UInt8], value: [UInt8])]) throws -> HTTPHead {
    let lines = fields.map { $0.name + Array(": ".utf8) + $0.value + Array("\r\n".utf8) }
    let bytes = Array("GET / HTTP/1.1\r\n".utf8) + lines.flatMap { $0 } + Array("\r\n".utf8)
    return try #require(HTTPReading([.bytes(bytes)]).heads.first)
  }
}
