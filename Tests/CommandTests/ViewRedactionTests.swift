import Foundation
import TestSupport
import Testing
import Transport

/// Secrets in messages of many protocols must not be in what the program writes, however it is asked.
@Suite("Redaction of views")
struct ViewRedactionTests {
  private typealias Talk = (inout ConversationBuilder) -> Void

  /// Each is said where its protocol has it. They have no six letters in common.
  private static let secrets = [
    "xyzzyplugh", "frobozzmagic", "grue#devours", "lantern-oil", "zorkmid\u{e9}", "quendor\\nnights", "babelfish42",
    "mithrilcoat", "wumpusarrow", "dungeoneer9", "thistlecrown", "hollyhock-dew", "violetsparrow", "umbrellastand",
    "marzipanowl", "copperkettle", "juniperbark", "saffronsails", "walrustuskers", "pebbledashing",
  ]

  private static func connection(_ name: String?, _ port: UInt16, target: String = "/", _ talk: Talk)
    -> [CaptureBuilder.Packet]
  {
    var builder = ConversationBuilder(client: Endpoint(PacketBuilder.client.address, port: port))
    builder.open()
    let field = name.map { "Sec-WebSocket-Protocol: \($0)\n" } ?? ""
    builder.upgrade(target, requestFields: field, responseFields: field)
    talk(&builder)
    builder.close(.client)
    builder.close(.server)
    return builder.packets
  }

  private static func mqttConnect(_ password: [UInt8]) -> [UInt8] {
    func text(_ bytes: [UInt8]) -> [UInt8] { [0, UInt8(bytes.count)] + bytes }
    let rest =
      text(Array("MQTT".utf8)) + [4, 0xC2, 0, 60] + text(Array("id".utf8)) + text(Array("ada".utf8)) + text(password)
    return [0x10, UInt8(rest.count)] + rest
  }

  private static func messagePack(_ text: String) -> [UInt8] { [0xA0 | UInt8(text.utf8.count)] + text.utf8 }

  private static var packets: [CaptureBuilder.Packet] {
    let stomp = connection("v12.stomp", 41_001) { talk in
      talk.frame(.client, .text, "CONNECT\naccept-version:1.2\nhost:h\nlogin:ada\npasscode:xyzzyplugh\n\n\0")
      talk.frame(.client, .text, "SEND\ndestination:/q/xyzzyplugh\ntoken:xyzzyplugh\nreceipt:1\n\nagain xyzzyplugh\0")
      talk.frame(.client, .text, "SEND\ndestination:/q\ntoken:quendor\\nnights\n\npassword=frobozzmagic&a=1\0")
      talk.frame(.client, .text, "SEND\ndestination:/q\ntoken:mithril")
      talk.frame(.client, .text, "coat\n\nbody\0")
      talk.frame(.client, .text, "\ntoken:pebbledashing\n\n\0")
      talk.frame(.server, .text, "RECEIPT\nreceipt-id:1\n\n\0")
    }
    let mqtt = connection("mqtt", 41_002) { talk in
      talk.frame(.client, .binary, mqttConnect(Array("grue#devours".utf8)))
      talk.frame(.client, .binary, mqttConnect([0xFF] + Array("copperkettle".utf8)))
      let parts = mqttConnect(Array("walrustuskers".utf8))
      talk.frame(.client, .binary, Array(parts[..<30]))
      talk.frame(.client, .binary, Array(parts[30...]))
    }
    let socketIO = connection(nil, 41_003, target: "/socket.io/?EIO=4&transport=websocket") { talk in
      talk.frame(.client, .text, #"40{"token":"lantern-oil"}"#)
      talk.frame(
        .client, .text, #"42["login",{"user":"ada","password":"zorkmid\#u{e9}"},"{\"token\":\"babelfish42\"}"]"#)
      talk.frame(
        .server, .text,
        #"42["password","thistlecrown"]"#.replacing("[\"password\",", with: "[{\"password\":")
          .replacing("]", with: "}]"))
    }
    let wamp = connection("wamp.2.msgpack", 41_004) { talk in
      let hello = [0x93, 0x05] + messagePack("wumpusarrow") + [0x80]
      talk.frame(.client, .binary, hello)
      let call = [0x96, 0x30, 0x01, 0x80] + messagePack("com.login") + [0x90, 0x81] + messagePack("password")
      talk.frame(.client, .binary, call + messagePack("dungeoneer9"))
      let pin: [UInt8] = [0x96, 0x30, 0x02, 0x80] + messagePack("com.pin") + [0x90, 0x81] + messagePack("pin")
      talk.frame(.client, .binary, pin + [0xCE, 0x63, 0x6F, 0x6D, 0x70])
    }
    let wampJSON = connection("wamp.2.json", 41_005) { talk in
      talk.frame(.client, .text, #"[5,"hollyhock-dew",{}]"#)
    }
    let sip = connection("sip", 41_006) { talk in
      talk.frame(
        .client, .text,
        "REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/WS a;branch=z9hG4bK1\r\nTo: <sip:b>\r\nFrom: <sip:b>;tag=1\r\n"
          + "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nAuthorization: Digest username=\"ada\",\r\n"
          + " response=\"violetsparrow\"\r\nContent-Length: 0\r\n\r\n")
    }
    let soap = connection("soap", 41_007) { talk in
      talk.frame(
        .client, .text,
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><a:login xmlns:a=\"urn:a\">"
          + "<a:password type=\"plain\">umbrellastand</a:password><b token=\"marzipanowl\"/></a:login></s:Body></s:Envelope>"
      )
    }
    let rpc = connection(nil, 41_008) { talk in
      talk.frame(
        .client, .text,
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"token":["juniperbark",{"a":"saffronsails"}]}}"#)
      talk.frame(.server, .text, #"{"jsonrpc":"2.0","id":1,"result":{"d":"{\"token\":\"juniperbark\"}"}}"#)
    }
    return stomp + mqtt + socketIO + wamp + wampJSON + sip + soap + rpc
  }

  private static let rules = [
    "--redact", "json.passcode,json.password,json.token,json.signature,json.authorization,json.pin",
  ]

  /// What `bytes` show of the secrets: as they are, in base64, as hexadecimal, or in part.
  private func leaks(_ bytes: [UInt8]) -> [String] {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    return Self.secrets.filter { secret in
      let data = Array(secret.utf8)
      let part = String(secret.prefix(6))
      let hex = data.prefix(6).map { String(format: "%02x", $0) }
      return text.contains(part.lowercased()) || text.contains(hex.joined(separator: " "))
        || text.contains(hex.joined()) || bytes.containsBase64(of: data)
    }
  }

  private func withCapture(_ body: (String, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var capture = CaptureBuilder()
      for packet in Self.packets { capture.add(packet.bytes) }
      let path = "\(folder)/secrets.pcap"
      try Data(capture.pcap()).write(to: URL(filePath: path))
      try body(path, "\(folder)")
    }
  }

  @Test(
    "nothing is in any format",
    arguments: [
      ["--format", "text"], ["--format", "text", "--hex"], ["--format", "tree"], ["--format", "tree", "--hex"],
      ["--json"], ["--format", "json"], ["--format", "csv"], ["--format", "html"], ["--format", "har"],
      ["--format", "arrow"], ["--stats"], ["--stats", "--json"], ["--json", "--only", "frame,diagnostic"],
      ["--json", "--no-view"], ["--json", "--view", "json"], ["--json", "--view", "mqtt"],
      ["--json", "--view", "gzip"],
      ["--format", "text", "--view", "msgpack"], ["--follow", "1"], ["--follow", "2"], ["--follow", "4"],
    ])
  func formats(_ arguments: [String]) throws {
    try withCapture { path, folder in
      let file = "\(folder)/out"
      let run = try runTool(arguments + Self.rules + ["-o", file, path])
      #expect(run.code <= 1, "\(run.error)")
      let output = try Array(Data(contentsOf: URL(filePath: file)))
      #expect(output.count > 500)
      #expect(leaks(output + run.output + Array(run.error.utf8)) == [], "\(arguments)")
    }
  }

  @Test("nothing is in files of messages, nor in a database")
  func files() throws {
    try withCapture { path, folder in
      for arguments in [["--extract", "\(folder)/messages"], ["--format", "sqlite", "-o", "\(folder)/out.db"]] {
        let run = try runTool(arguments + Self.rules + [path])
        #expect(run.code == 0, "\(run.error)")
        #expect(leaks(run.output) == [])
      }
      var count = 0
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where !name.hasSuffix("secrets.pcap") {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
        count += 1
        #expect(leaks(Array(data)) == [], "\(name)")
      }
      #expect(count > 10)
    }
  }

  @Test("the secrets are there otherwise, so that these tests test something")
  func control() throws {
    try withCapture { path, _ in
      let run = try runTool(["--json", "-q", path])
      #expect(leaks(run.output).count >= Self.secrets.count - 1)
    }
  }

  @Test(
    "names of requests are hidden in the report, also where only their replies are, or they are cut",
    arguments: [20, 100, 400])
  func labels(_ length: Int) throws {
    let long = (0..<length / 4).map { "q\(100 + $0)" }.joined()
    let packets = Self.connection("v12.stomp", 41_010) { talk in
      talk.frame(.client, .text, "SEND\ndestination:/\(long)\nreceipt:1\n\nhello\0")
      talk.frame(.server, .text, "RECEIPT\nreceipt-id:1\n\n\0")
      talk.frame(.client, .text, "SEND\ndestination:/\(long)\nreceipt:2\n\nhello\0")
      talk.frame(.client, .text, "SEND\ndestination:/b\nreceipt:2\n\nhello\0")
    }
    try withTemporaryFolder { folder in
      var capture = CaptureBuilder()
      for packet in packets { capture.add(packet.bytes) }
      let path = "\(folder)/labels.pcap"
      try Data(capture.pcap()).write(to: URL(filePath: path))
      for arguments in [
        ["--stats"], ["--stats", "--json"], ["--json"], ["--format", "text"], ["--stats", "--sender", "server"],
      ] {
        let run = try runTool(arguments + ["--redact", "json.destination", path])
        #expect(run.code == 0 && !run.text.contains("q100") && !run.text.contains("q102"), "\(arguments) \(run.text)")
        if arguments[0] == "--stats" { #expect(run.text.contains("**")) }
      }
    }
  }

  @Test("cookies of messages are hidden with those of the handshake", arguments: ["cookies", "all"])
  func cookies(_ rule: String) throws {
    let stomp = Self.connection("v12.stomp", 41_020) { talk in
      talk.frame(.client, .text, "SEND\ndestination:/a\ncookie:sid=xyzzyplugh\n\nhello\0")
    }
    let sip = Self.connection("sip", 41_021) { talk in
      talk.frame(
        .client, .text,
        "REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/WS a;branch=z9hG4bK1\r\nTo: <sip:b>\r\nFrom: <sip:b>;tag=1\r\n"
          + "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nCookie: lantern-oil\r\nContent-Length: 0\r\n\r\n")
    }
    try withTemporaryFolder { folder in
      var capture = CaptureBuilder()
      for packet in stomp + sip { capture.add(packet.bytes) }
      let path = "\(folder)/cookies.pcap"
      try Data(capture.pcap()).write(to: URL(filePath: path))
      for arguments in [["--json"], ["--format", "csv"], ["--format", "tree"], ["--format", "har"]] {
        let run = try runTool(arguments + ["--redact", rule, path])
        #expect(run.output.count > 200 && leaks(run.output) == [], "\(run.text)")
      }
    }
  }

  @Test("what is compressed is hidden where not all of it can be inflated")
  func damaged() throws {
    // A stored block with one byte, and one of a type that there is not (RFC 1951 §3.2.3).
    let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 0, 1, 0, 0xFE, 0xFF, 0x78, 7] + Array("xyzzyplugh".utf8)
    let packets = Self.connection(nil, 41_030) { talk in talk.frame(.client, .binary, gzip) }
    try withTemporaryFolder { folder in
      var capture = CaptureBuilder()
      for packet in packets { capture.add(packet.bytes) }
      let path = "\(folder)/damaged.pcap"
      try Data(capture.pcap()).write(to: URL(filePath: path))
      let run = try runTool(["--json", "--redact", "json.token", path])
      #expect(run.text.contains("\"name\":\"gzip\"") && leaks(run.output) == [], "\(run.text)")
    }
  }

  @Test("credentials of messages are hidden with those of the handshake")
  func authorization() throws {
    try withCapture { path, _ in
      for rule in ["authorization", "all"] {
        let left = leaks(try runTool(["--json", "--redact", rule, "-q", path]).output)
        let credentials = ["grue#devours", "violetsparrow", "dungeoneer9", "umbrellastand"]
        #expect(left.allSatisfy { !credentials.contains($0) }, "\(left)")
      }
    }
  }
}

extension [UInt8] {
  /// Whether they hold `bytes` in base64, wherever those begin in it.
  fileprivate func containsBase64(of bytes: [UInt8]) -> Bool {
    let text = String(decoding: self, as: UTF8.self)
    return (0..<3).contains { shift in
      let part = bytes.dropFirst(shift)
      let whole = part.prefix(part.count / 3 * 3).prefix(6)
      return whole.count == 6 && text.contains(Data(whole).base64EncodedString())
    }
  }
}
