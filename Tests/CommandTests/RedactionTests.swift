import Analysis
import HTTP
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("Redaction")
struct RedactionTests {
  private static let all: RedactionRules = {
    var rules = RedactionRules()
    _ = rules.add("all")
    return rules
  }()

  private func redacted(_ name: String, _ value: String, _ rules: RedactionRules = all) -> String {
    var redaction = HeadRedaction(rules)
    let head = HTTPHead(.request(method: "GET", target: "/", version: "HTTP/1.1"), [HeaderField(name, value)])
    return redaction.redacted(head).fields[0].value
  }

  private func redacted(target: String) -> String {
    var redaction = HeadRedaction(Self.all)
    let head = redaction.redacted(HTTPHead(.request(method: "GET", target: target, version: "HTTP/1.1"), []))
    guard case .request(_, let target, _) = head.startLine else { return "" }
    return target
  }

  @Test("hides the values of cookies and credentials, and keeps their names and schemes")
  func headers() {
    #expect(redacted("Cookie", "theme=dark; sid=abc=def") == "theme=***; sid=***")
    #expect(redacted("Set-Cookie", "sid=abc; Path=/; HttpOnly") == "sid=***; Path=/; HttpOnly")
    #expect(redacted("Authorization", "Bearer abc.def") == "Bearer ***")
    #expect(redacted("proxy-authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == "Basic ***")
    #expect(redacted("X-Api-Key", "12") == "***")
    #expect(redacted("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)") == "Mozilla/5.0 (X11; Linux x86_64)")
    #expect(redacted("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") == "dGhlIHNhbXBsZSBub25jZQ==")
    var rules = RedactionRules()
    _ = rules.add("header.X-Room")
    #expect(redacted("x-room", "blue", rules) == "***" && redacted("Cookie", "a=b", rules) == "a=b")
  }

  @Test("hides tokens in subprotocols, and leaves the names that are registered")
  func subprotocols() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG"
    #expect(redacted("Sec-WebSocket-Protocol", "bearer, s3cret") == "bearer, ***")
    #expect(redacted("Sec-WebSocket-Protocol", "graphql-ws, \(jwt)") == "graphql-ws, ***")
    let kubernetes = "base64url.bearer.authorization.k8s.io."
    #expect(
      redacted("Sec-WebSocket-Protocol", "\(kubernetes)ABC123,v5.channel.k8s.io")
        == "\(kubernetes)***,v5.channel.k8s.io")
    let names = [
      "MBWS.huawei.com", "soap", "wamp", "wamp.2.msgpack.batched", "v10.stomp", "v12.stomp", "ocpp2.0.1", "xmpp",
      "ship",
      "mqtt", "coap", "graphql-transport-ws", "v1.kernel.websocket.jupyter.org", "actioncable-v1-json", "jsonrpc2.0",
      "opcua+uacp", "v1.usp", "dicom-v1.sup.dicom.org", "bfcp", "msrp", "lws-mirror-protocol",
      "v4.base64.channel.k8s.io",
    ]
    for name in names { #expect(redacted("Sec-WebSocket-Protocol", name) == name) }
  }

  @Test(
    "hides tokens in URLs, and keeps the rest of them",
    arguments: [
      ("/chat?room=blue&access_token=abc", "/chat?room=blue&access_token=***"),
      ("/ws?key=1&sig=2#token=3", "/ws?key=***&sig=***#token=***"),
      (
        "/socket.io/?EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAC",
        "/socket.io/?EIO=4&transport=websocket&sid=***"
      ),
      ("/ws/123e4567-e89b-12d3-a456-426614174000/feed", "/ws/***/feed"),
      ("ws://user:pw@example.com/a", "ws://***@example.com/a"), ("/a/b?c=d&e", "/a/b?c=d&e"), ("*", "*"), ("", ""),
      ("/market/BTCUSDT@trade/btcusdt@kline_1m", "/market/BTCUSDT@trade/btcusdt@kline_1m"),
    ])
  func urls(_ pair: (String, String)) { #expect(redacted(target: pair.0) == pair.1) }

  private func hide(_ text: String, _ names: String...) -> String {
    let bytes = Array(text.utf8)
    let hidden = JSONRedaction(Set(names)).redacted(bytes.span.bytes) ?? bytes
    #expect(hidden.count == bytes.count)
    return String(decoding: hidden, as: UTF8.self)
  }

  @Test("hides values of JSON members, whatever they are, and keeps JSON as it is otherwise")
  func members() {
    #expect(hide(#"{"a":"xyz", "b": 1}"#, "a") == #"{"a":"***", "b": 1}"#)
    #expect(hide(#"{"A":"é\"","b":"a"}"#, "a") == #"{"A":"****","b":"a"}"#)
    #expect(hide(#"{"p\u0061ss":"xyz"}"#, "pass") == #"{"p\u0061ss":"***"}"#)
    #expect(hide(#"[{"k":12345,"l":{"k":[1,{"x":2}]}}]"#, "k") == #"[{"k":"***","l":{"k":"*********"}}]"#)
    #expect(hide(#"{"k":7,"l":true,"m":null}"#, "k", "l", "m") == #"{"k":0,"l":"**","m":"**"}"#)
    #expect(hide(#"{"k":"","l":"k"}"#, "k") == #"{"k":"","l":"k"}"#)
  }

  @Test("also in JSON in strings, behind other things, and cut")
  func elsewhere() {
    #expect(
      hide(#"{"m":"{\"password\":\"s3cret\",\"n\":1}"}"#, "password") == #"{"m":"{\"password\":\"******\",\"n\":1}"}"#)
    #expect(
      hide(#"a["{\"m\":\"{\\\"pin\\\":\\\"1\\\"2\\\"}\"}"]"#, "pin")
        == #"a["{\"m\":\"{\\\"pin\\\":\\\"*\\\"2\\\"}\"}"]"#)
    #expect(hide(#"42["login",{"password" : "s3cret"}]"#, "password") == #"42["login",{"password" : "******"}]"#)
    #expect(hide(#"{"password":"s3cr"#, "password") == #"{"password":"***""#)
    #expect(hide(#"{"password":[1,2"#, "password") == #"{"password":"**""#)
    #expect(
      hide(#"{"n":1}{"n":22}"#, "n") == #"{"n":0}{"n":"*}"# || hide(#"{"n":1}{"n":22}"#, "n") == #"{"n":0}{"n":""}"#)
  }

  @Test("also behind names in lines that stand in a string of JSON")
  func lines() {
    #expect(
      hide(#"["CONNECT\nhost:h\npasscode:S\u00e9\"1\n\n\u0000","passcode:1"]"#, "passcode")
        == #"["CONNECT\nhost:h\npasscode:**********\n\n\u0000","passcode:1"]"#)
    #expect(hide(#"{"a":"x\ntoken=1&b=2"}"#, "token") == #"{"a":"x\ntoken=*&b=2"}"#)
    #expect(hide(#"{"a":"x\ny"}"#, "token") == #"{"a":"x\ny"}"#)
  }

  @Test("names of members stay that begin with what is hidden")
  func names() {
    var bytes = Array(#"Boot {"chargePointVendor":"Vendor Ltd","a":"{\"VendorX\":1}"} Vendor L…"#.utf8)
    SecretBytes.hide([Array("Vendor Ltd".utf8)], in: &bytes, part: SecretBytes.partOfLine)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"Boot {"chargePointVendor":"**********","a":"{\"VendorX\":1}"} ********…"#)
    bytes = Array(#"Boot {"chargePointVendor":"Vendor","Vendor":"aVendor"}"#.utf8)
    SecretBytes.hide([Array("Vendor".utf8)], in: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == #"Boot {"chargePointVendor":"******","******":"a******"}"#)
  }

  @Test("all that follows where a value has no end, and strings whose quotes are spelled out")
  func ends() {
    #expect(hide(#"{"p":["a","b"#, "p") == #"{"p":"*****""#)
    #expect(hide(#"{"p":[1,{]"S"}"#, "p") == #"{"p":"*******""#)
    #expect(hide(#"{"d":"{\u0022p\u0022:\u0022S\u0022}"}"#, "p") == #"{"d":"\#(String(repeating: "*", count: 29))"}"#)
    #expect(hide(#"{"d":"{\u0022q\u0022:1}"}"#, "p") == #"{"d":"{\u0022q\u0022:1}"}"#)
    #expect(hide(#"p":"S","q":1}"#, "p") == #"p":"*","q":1}"#)
  }

  @Test("reaches the last fragment of a message, and diagnostics without their connections")
  func parts() throws {
    let fragments = ["--redact", "json.nothing", "--json", "--only", "frame", "Samples/fragmented-with-ping.pcap"]
    for line in try runTool(fragments).lines where line.contains(#""opcode":0"#) {
      let isEmpty = line.contains(#""captured_length":0,"#)
      #expect(line.contains(#""base64":"""#) && (isEmpty || line.contains(#""truncated":true"#)), "\(line)")
    }
    let faults = ["--only", "diagnostic", "Samples/handshake-faults.pcap"]
    #expect(try runTool(faults).text.contains("bm90IHNpeHRlZW4="))
    let hidden = try runTool(["--redact", "header.sec-websocket-key"] + faults)
    #expect(!hidden.text.contains("bm90IHNpeHRlZW4=") && hidden.text.contains("***"))
    #expect(!hidden.text.contains("#1  192"))
  }

  @Test("also names with escapes behind other things, pings, and reasons for closing")
  func escapedNames() throws {
    #expect(hide(#"42["login",{"p\u0061ss":"s3cret"}]"#, "pass") == #"42["login",{"p\u0061ss":"******"}]"#)
    #expect(hide(#"{"a":1}{"p\u0061ss":"x"} {"pass":2}"#, "pass") == #"{"a":1}{"p\u0061ss":"*"} {"pass":0}"#)
    #expect(hide("\u{3}\u{f3}" + #"{"pass":"bye"}"#, "pass") == "\u{3}\u{f3}" + #"{"pass":"***"}"#)
  }

  @Test("takes any bytes, and never changes their number")
  func anyBytes() {
    var random = SeededGenerator.announced("redaction")
    let pieces = [
      #"""#, #"\""#, #"\\"#, "pin", #""pin":"#, #"\"pin\":"#, "{", "}", "[", "]", ",", "1", "é", " ", "\u{0}",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      _ = hide(text.joined(), "pin")
    }
  }

  @Test("reaches every output", arguments: ["text", "tree", "ndjson", "json", "har", "csv", "html"])
  func outputs(_ format: String) throws {
    let sample = "Samples/browser-chat.pcap"
    let plain = try runTool(["--format", format, sample])
    let hidden = try runTool(["--format", format, "--redact", "all,json.text,header.user-agent", sample])
    #expect(plain.code == 0 && hidden.code == 0, "\(hidden.error)")
    if format != "html" { #expect(plain.text.contains("Carrot cake") && !hidden.text.contains("Carrot cake")) }
    #expect(!hidden.text.contains("Mozilla"))
    #expect(try runTool(["--redact", "all", "-w", "-", sample]).code == 2)
  }

  @Test("hides what stands behind its name in header lines and forms")
  func namedValues() {
    func hidden(_ text: String) -> String {
      var rules = RedactionRules()
      _ = rules.add("json.passcode")
      let bytes = Array(text.utf8)
      let redacted = JSONRedaction(rules.members).redacted(bytes.span.bytes) ?? bytes
      return String(decoding: redacted, as: UTF8.self)
    }
    #expect(hidden("CONNECT\nPasscode: s3cret word\nhost:a\n\n\0") == "CONNECT\nPasscode: ***********\nhost:a\n\n\0")
    #expect(hidden("a=1&passcode=s3cret&b=2") == "a=1&passcode=******&b=2")
    #expect(hidden("passcode: a,\r\n b\r\nc: d") == "passcode: ******\r\nc: d", "lines may go on")
    #expect(hidden("a passcode=\"s3 c\\\"r&t\", b=\"c\"") == "a passcode=\"*********\", b=\"c\"")
    #expect(
      hidden("<a:passcode x='y'>s3<b/>c</a:passcode><d>e</d>") == "<a:passcode x='y'>*******</a:passcode><d>e</d>")
    #expect(hidden("<passcode/><d>e</d>") == "<passcode/><d>e</d>" && hidden("<passcode>s3") == "<passcode>**")
    #expect(hidden("passcode=\"s3") == "passcode=\"**" && hidden("passcode=") == "passcode=")
    #expect(hidden("no-passcode:1") == "no-passcode:1" && hidden("passcodes:1") == "passcodes:1")
    #expect(hidden(#"{"text":"passcode:1"}"#) == #"{"text":"passcode:1"}"#, "JSON names its members")
  }
}
