import Bytes
import Subprotocols

/// What messages mean: names and links stand in the row, the line and the object in a block of payloads.
extension HTMLExporter {
  /// Writes the view of a message: its name; where its line and object stand, and their lengths, if there is room for them; how sure it
  /// is; what it replies to; the names of what it carries; and the number of replies
  /// where not all are listed. What is missing at the end is empty.
  mutating func write(_ view: borrowing MessageView, _ members: inout Members) {
    members.begin(#""view":["#, &lines.writer)
    lines.writer.jsonString(view.name)
    place(view)
    let request = view.request
    if view.confidence != nil || request != nil || !view.carried.isEmpty {
      lines.writer.byte(0x2C)
      lines.confidence(view.confidence)
      lines.writer.literal(",[")
      if let request, view.replies.isEmpty { lines.belonging(to: request) }
      lines.list(Array(view.replies.prefix(limits.replies))) { lines, reply in lines.reply(reply) }
      lines.writer.literal("],[")
      lines.list(view.carried) { $0.writer.jsonString($1) }
      lines.writer.byte(0x5D)
      if view.replies.count > limits.replies { numbers(UInt64(view.replies.count)) }
    }
    lines.writer.byte(0x5D)
  }

  /// Keeps the line and the object, if they say more than the name.
  private mutating func place(_ view: borrowing MessageView) {
    let object = view.hasFields ? view.json.count : 0
    let count = UInt64(view.line.count) + UInt64(object)
    guard count > 0, tally.viewBytes + count <= limits.viewBytes else {
      if count > 0 { tally.viewsLeftOut += 1 }
      return lines.writer.literal(count > 0 ? ",-1,0,0,0" : ",-2,0,0,0")
    }
    tally.viewBytes += count
    let place = blocks.payload(view.line.span.bytes, view.json.span.bytes.extracting(0..<object))
    numbers(place.block, place.offset, UInt64(view.line.count), UInt64(object))
  }
}

extension NDJSONExporter {
  /// How sure a view is, in per cent; null where it need not say.
  fileprivate mutating func confidence(_ confidence: Double?) {
    guard let confidence else { return writer.literal("null") }
    writer.decimal(UInt64(max(0, min(confidence, 1)) * 100))
  }

  /// The same as of a reply of which no more is known than the request.
  fileprivate mutating func belonging(to request: UInt64) {
    writer.byte(0x5B)
    writer.decimal(request)
    writer.literal(#",null,0,""]"#)
  }

  /// Number of the request, nanoseconds from it, whether it failed, and what was asked for.
  fileprivate mutating func reply(_ reply: ViewReply) {
    writer.byte(0x5B)
    writer.decimal(reply.request)
    writer.byte(0x2C)
    if let latency = reply.latency { writer.decimal(latency) } else { writer.literal("null") }
    writer.literal(reply.isError ? ",1," : ",0,")
    writer.jsonString(reply.label)
    writer.byte(0x5D)
  }
}
