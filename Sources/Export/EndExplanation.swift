import Analysis
import Bytes
import Capture
import WebSocket

/// How a connection ended, in one sentence that a person understands: text, trees and JSON say the same.
///
/// It says what the capture shows, and that it may not show all where it lacks bytes. It may hold what came from the wire.
struct EndExplanation {
  /// Idle times and waits below this are not worth a word: a second.
  private static let notable: Int64 = 1_000_000_000

  private let record: EndRecord

  /// `server closed: 1011 internal error 'db down', 60.0 s after the last message`.
  static func sentence(_ record: EndRecord) -> String { EndExplanation(record: record).sentence }

  private var sentence: String {
    if let closer = record.closedFirst, tally(closer).hasSentClose != false { return closed(by: closer) }
    let closers = [Sender.client, .server].filter { tally($0).hasSentClose == true }
    if !closers.isEmpty {
      return closers.map { "\($0.name) closed: \(said($0))" }.joined(separator: ", ")
        + "; the capture does not tell who was first"
    }
    return withoutClose
  }

  // MARK: With a Close frame

  private func closed(by closer: Sender) -> String {
    "\(closer.name) closed: \(said(closer))\(afterLastMessage)\(answer(of: closer.peer))"
  }

  /// What the first Close frame of `sender` says.
  private func said(_ sender: Sender) -> String {
    guard let reason = close(sender) else { return "the capture lacks a part of the Close frame" }
    return Self.words(reason)
  }

  /// What came back, if that is not the same.
  private func answer(of peer: Sender) -> String {
    switch tally(peer).hasSentClose {
    case true:
      guard let answer = close(peer), answer.code != close(peer.peer)?.code else { return "" }
      return ", \(peer.name) answered: \(Self.words(answer))"
    case nil:
      guard record.cause == .captureEnd, tally(peer).missingBytes == 0 else {
        return ", an answer is not in what was captured"
      }
    case false: break
    }
    switch record.cause {
    case .replaced: return ", \(peer.name) sent no Close; a new connection between the same ends began"
    case .captureEnd: return ", no answer before the capture ended"
    default: break
    }
    // Of the two FINs the one that stands in place of an answer is told.
    let ending = record.tcpEndings.last { $0.kind == .reset || $0.sender == peer } ?? record.tcpEndings.last
    return ", \(peer.name) sent no Close" + (ending.map { ": TCP \(Self.words($0))" } ?? "")
  }

  // MARK: Without

  private var withoutClose: String {
    let isKnown = tally(.client).hasSentClose != nil && tally(.server).hasSentClose != nil
    let none = isKnown ? "no Close frame" : "no Close frame in what was captured"
    switch record.cause {
    case .captureEnd:
      let state = record.tcpEndings.first.map { "half open when the capture ended, after \(Self.words($0))" }
      return (state ?? "still open when the capture ended") + (midway.map { ", in the middle of \($0)" } ?? idleFor)
    case .replaced:
      return "no end was seen: a new connection between the same ends began\(afterLastMessage)"
    case .closeHandshake, .fin, .reset:
      guard let first = record.tcpEndings.first else { return none }
      let ending = record.tcpEndings.first { $0.kind == .reset } ?? first
      var words = "\(none): TCP \(Self.words(ending))"
      if ending != first { words += " after \(Self.words(first))" }
      if let midway { return "\(words), in the middle of \(midway)" }
      return words + (afterPing(ending.packet.time) ?? afterLastMessage)
    }
  }

  /// `a message of the client`, what was not complete.
  private var midway: String? {
    let parts = [Sender.client, .server].compactMap { sender in
      tally(sender).cutOff.map { "a \($0.name) of the \(sender.name)" }
    }
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }

  /// `, 3.2 s after a ping that the client did not answer`.
  private func afterPing(_ end: Timestamp) -> String? {
    for sender in [Sender.client, .server] {
      guard let ping = tally(sender).firstUnansweredPing, let count = tally(sender).unansweredPings else { continue }
      let wait = end.since(ping)
      guard wait >= Self.notable else { continue }
      let pings = count > 1 ? "the first of \(count) pings" : "a ping"
      return ", \(Phrase.duration(wait)) after \(pings) that the \(sender.peer.name) did not answer"
    }
    return nil
  }

  // MARK: Words

  private var afterLastMessage: String {
    guard let idle = record.idle, idle >= Self.notable else { return "" }
    return ", \(Phrase.duration(idle)) after the \(lastThing)"
  }

  private var idleFor: String {
    guard let idle = record.idle, idle >= Self.notable else { return "" }
    let pings = [Sender.client, .server].compactMap { sender -> String? in
      guard let count = tally(sender).unansweredPings, count > 0 else { return nil }
      return ", \(Phrase.count(count, "ping")) of the \(sender.name) unanswered"
    }
    return ", idle for \(Phrase.duration(idle))\(pings.joined())"
  }

  private var lastThing: StaticString {
    record.client.messages + record.server.messages > 0 ? "last message" : "handshake"
  }

  private func tally(_ sender: Sender) -> SenderTally { sender == .client ? record.client : record.server }

  private func close(_ sender: Sender) -> CloseReason? { sender == .client ? record.clientClose : record.serverClose }

  private static func words(_ ending: TCPEnding) -> String {
    "\(ending.kind == .fin ? "FIN" : "RST") from the \(ending.sender.name)"
  }

  /// `1011 internal error 'db down'`, `no code`.
  private static func words(_ reason: CloseReason) -> String {
    guard let code = reason.code else { return "no code" }
    let words = "\(code.rawValue) \(code.name)"
    return reason.reason.isEmpty ? words : "\(words) '\(TextPhrase.text(reason.reason))'"
  }
}
