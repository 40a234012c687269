import Bytes
import JSON
import Subprotocols

/// Messages of a connection, sound or not, make no view trap, hang or grow without limit: what it shows is JSON on one line, of fields
/// that its description has; the same messages mean the same again; and what was held for messages to come is given back at the end.
///
/// The first byte says how the view is chosen, the second which one. A message is a byte of flags, the length in two bytes, and that
/// many bytes.
func fuzz(_ input: [UInt8]) {
  require(play(input) == play(input), "the same messages mean something else")
}

private func play(_ input: [UInt8]) -> [MessageView?] {
  var steering = Steering(input)
  let (how, which) = (steering.byte() & 3, Int(steering.byte()))
  let all = PayloadViews.all
  let chosen = all[which % all.count].description
  var views = MessageViews(ViewOptions(forced: how == 1 ? chosen.name : nil))
  switch how {
  case 2:
    let names = all.flatMap { $0.description.subprotocols }
    views.begin(1, subprotocol: names[which % names.count], target: nil)
  case 3: views.begin(1, subprotocol: nil, target: targets[which % targets.count])
  default: break
  }
  var shown: [MessageView?] = []
  var number: UInt64 = 0
  while !steering.isOver, number < 200 {
    number += 1
    let flags = steering.byte()
    let content = steering.take(steering.word())
    let message = ViewedMessage(
      isFromClient: flags & 1 == 0, isText: flags & 2 != 0, isWhole: flags & 4 == 0, number: number,
      start: Int64(number) * 1000 - (flags & 8 == 0 ? 0 : 5000), end: Int64(number) * 1000)
    let view = views.read(message, of: 1, content.span.bytes)
    if let view { check(view) }
    for words in views.faults {
      require(!words.isEmpty && words.utf8.count < 4096, "a fault of \(words.utf8.count) bytes")
    }
    require(views.held <= ViewMemory.most, "\(views.held) bytes are held")
    shown.append(view)
  }
  for isClient in [true, false] {
    if let words = views.unfinished(1, ofClient: isClient) {
      require(!words.isEmpty, "something begins, and is not told")
    }
  }
  views.end(1)
  require(views.held == 0, "\(views.held) bytes are held when all is over")
  return shown
}

/// Requests that views know by their URL.
private let targets = [
  "/socket.io/?EIO=4&transport=websocket", "/socket.io/?EIO=3&transport=websocket", "/?v=10&compress=zlib-stream",
  "/graphql", "/ocpp/CP1", "/devtools/page/1", "/api/kernels/1/channels", "/socket/websocket?vsn=2.0.0", "/cable",
  "/mqtt", "/sockjs/123/abcdefgh/websocket", "/echo/websocket", "/app/key?protocol=7", "/connection/websocket",
  "/chat?id=negotiated", "/",
]

/// The fields of each view.
private let declared: [String: Set<String>] = {
  var declared: [String: Set<String>] = [:]
  for type in PayloadViews.all {
    declared[type.description.name] = Set(ViewDescription.commonFields + type.description.fields.map(\.name))
  }
  return declared
}()

private func check(_ view: MessageView) {
  // The last value that fits may be written with six bytes for each of its own.
  require(view.json.count <= 8 * ViewWriter.most, "\(view.json.count) bytes of JSON")
  require(view.line.count <= 1 << 17, "\(view.line.count) bytes in a line")
  require(!view.json.contains { $0 < 0x20 } && !view.line.contains { $0 < 0x20 }, "a line break, or another control")
  require(UTF8Validator.isValid(view.json.span.bytes) && UTF8Validator.isValid(view.line.span.bytes), "no UTF-8")
  let names = declared[view.name] ?? []
  require(!names.isEmpty, "a view without a name")
  var scanner = JSONScanner()
  while let token = scanner.next(view.json.span.bytes) {
    guard token.kind == .key, scanner.depth == 1 else { continue }
    let name = String(decoding: JSONText.utf8(view.json.span.bytes, token), as: UTF8.self)
    require(names.contains(name), "\(view.name) has no field \(name)")
  }
  require(
    scanner.isComplete && view.json.first == UInt8(ascii: "{"), String(decoding: view.json.prefix(1500), as: UTF8.self))
}
