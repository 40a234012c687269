import Bytes

/// Requests and responses over a kept-alive HTTP/1.1 connection.
final class HTTPConversation: Conversation {
  private var exchangesLeft: Int
  private var isRequest = true

  init(_ random: inout Random) { exchangesLeft = random.of(1...20) }

  func next(_ bytes: inout [UInt8], _ world: inout World) -> Turn {
    defer { isRequest.toggle() }
    if isRequest {
      guard exchangesLeft > 0, !world.isEnding else { return .hangUp(.client) }
      exchangesLeft -= 1
      appendRequest(to: &bytes, &world)
      return .send(.client)
    }
    appendResponse(to: &bytes, &world)
    return .send(.server)
  }

  private func appendRequest(to bytes: inout [UInt8], _ world: inout World) {
    let posts = world.random.happens(0.1)
    let length = posts ? world.random.longTailed(from: 64, doublings: 8, onward: 0.6) : 0
    let head = """
      \(posts ? "POST" : "GET") /assets/\(world.random.word()) HTTP/1.1\r
      Host: www.example.com\r
      User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
      Accept: */*\r
      Accept-Encoding: gzip, deflate\r
      Cookie: session=\(world.random.next()); theme=dark\r
      \(posts ? "Content-Type: application/octet-stream\r\nContent-Length: \(length)\r\n" : "")\r

      """
    bytes.append(contentsOf: head.utf8)
    bytes.append(contentsOf: world.noise[world.cut(length)])
  }

  private func appendResponse(to bytes: inout [UInt8], _ world: inout World) {
    if world.random.happens(0.1) {
      return bytes.append(contentsOf: "HTTP/1.1 304 Not Modified\r\nServer: example\r\nETag: \"a1b2\"\r\n\r\n".utf8)
    }
    let length = world.random.longTailed(from: 512, doublings: 8, onward: 0.65)
    let isChunked = world.random.happens(0.2)
    let head = """
      HTTP/1.1 200 OK\r
      Server: example\r
      Date: Thu, 01 Jan 2026 00:00:00 GMT\r
      Content-Type: application/octet-stream\r
      Cache-Control: max-age=3600\r
      \(isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(length)")\r
      \r

      """
    bytes.append(contentsOf: head.utf8)
    let body = world.cut(length)
    guard isChunked else { return bytes.append(contentsOf: world.noise[body]) }
    var rest = world.noise[body]
    while !rest.isEmpty {
      let chunk = rest.prefix(world.random.of(1...16_384))
      bytes.append(contentsOf: "\(String(chunk.count, radix: 16))\r\n".utf8)
      bytes.append(contentsOf: chunk)
      bytes.append(contentsOf: "\r\n".utf8)
      rest = rest.dropFirst(chunk.count)
    }
    bytes.append(contentsOf: "0\r\n\r\n".utf8)
  }
}
