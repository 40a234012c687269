/// Who sends.
enum Side {
  case client
  case server

  var other: Side { self == .client ? .server : .client }
}

/// What two ends have to say to each other.
protocol Conversation: AnyObject {
  /// What comes next; if it is something to send, its bytes have been appended to `bytes`, which was empty.
  func next(_ bytes: inout [UInt8], _ world: inout World) -> Turn
}

/// What comes next in a conversation.
enum Turn {
  /// This side sends something.
  case send(Side)
  /// This side closes the connection.
  case hangUp(Side)
  /// Nothing more is heard.
  case fallSilent
}

/// A TCP connection, from SYN to FIN.
final class Connection {
  private enum Phase {
    case synchronize, answer, acknowledge, talk
    /// The side that closes first, and how many packets of the ending have been sent.
    case finish(Side, Int)
    case over
  }

  private let conversation: any Conversation
  private var client: End
  private var server: End
  private var phase = Phase.synchronize
  private var sender = Side.client
  private var pending: [UInt8] = []
  private var sent = 0

  /// The connection with this number, from 0, to `port`. Numbers up to 2^24 differ in the client's address or port.
  init(_ number: Int, port: UInt16, _ conversation: any Conversation, _ random: inout Random) {
    self.conversation = conversation
    client = End(
      address: 0x0a00_0001 + UInt32(number / 4), port: 32_768 + UInt16(number * 7919 % 28_231), station: 1,
      sequence: random.word(), identification: UInt16(random.below(65_536)), clockStart: random.word())
    server = End(
      address: 0xc000_0201 + UInt32(random.below(16)), port: port, station: 2,
      sequence: random.word(), identification: UInt16(random.below(65_536)), clockStart: random.word())
  }

  /// Sends the next packets. False once the connection is over.
  func step(_ world: inout World) -> Bool {
    switch phase {
    case .synchronize:
      world.tally.tcpConnections += 1
      transmit(.synchronize, from: .client, &world)
      phase = .answer
    case .answer:
      transmit([.synchronize, .acknowledge], from: .server, &world)
      phase = .acknowledge
    case .acknowledge:
      transmit(.acknowledge, from: .client, &world)
      phase = .talk
    case .talk:
      talk(&world)
    case .finish(let first, let count):
      finish(first, count, &world)
    case .over:
      break
    }
    if case .over = phase { return false }
    return true
  }

  private func talk(_ world: inout World) {
    if sent == pending.count {
      pending.removeAll(keepingCapacity: true)
      sent = 0
      switch conversation.next(&pending, &world) {
      case .send(let side): sender = side
      case .hangUp(let side): phase = .finish(side, 0)
      case .fallSilent: phase = .over
      }
    }
    // A long one goes out in bursts, between which others get their turn.
    var burst = pending.count - sent > PacketTemplate.segmentSize ? world.random.of(1...8) : 1
    while sent < pending.count, burst > 0 {
      sendSegment(&world)
      burst -= 1
    }
  }

  private func sendSegment(_ world: inout World) {
    let end = min(sent + PacketTemplate.segmentSize, pending.count)
    let flags: TCPFlags = end == pending.count ? [.acknowledge, .push] : .acknowledge
    transmit(flags, sent..<end, from: sender, &world)
    sent = end
    // Every second segment is acknowledged, at once if its receiver has nothing to say (RFC 9293 §3.8.6.3).
    if (sender == .client ? server : client).unacknowledged >= 2 {
      transmit(.acknowledge, from: sender.other, &world)
    }
  }

  private func finish(_ first: Side, _ count: Int, _ world: inout World) {
    switch count {
    case 0: transmit([.finish, .acknowledge], from: first, &world)
    case 1: transmit([.finish, .acknowledge], from: first.other, &world)
    default: transmit(.acknowledge, from: first, &world)
    }
    phase = count < 2 ? .finish(first, count + 1) : .over
  }

  private func transmit(
    _ flags: TCPFlags, _ range: Range<Int> = 0..<0, from side: Side, _ world: inout World
  ) {
    world.trace.time += Int64(world.random.below(40_000))
    if side == .client {
      world.packet.write(pending, range, flags, from: &client, to: server, world.trace)
      client.unacknowledged = 0
      if !range.isEmpty { server.unacknowledged += 1 }
    } else {
      world.packet.write(pending, range, flags, from: &server, to: client, world.trace)
      server.unacknowledged = 0
      if !range.isEmpty { client.unacknowledged += 1 }
    }
  }
}
