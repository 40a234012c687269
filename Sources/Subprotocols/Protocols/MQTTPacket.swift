import Bytes

/// A packet that is being read.
struct MQTTPacket {
  let header: MQTTHeader
  var version: MQTTConnection.Version
  /// What was not read of it.
  var cursor: MQTTCursor
  /// Whether not all of its bytes are known.
  let isPartial: Bool
  var isFromClient = true

  /// The packet with `header`, of which `count` bytes are known.
  init(_ header: MQTTHeader, _ count: Int, _ version: MQTTConnection.Version) {
    self.header = header
    self.version = version
    cursor = MQTTCursor(min(header.count, count)..<min(header.total, count))
    isPartial = count < header.total
  }

  var isFive: Bool { version == .v5 }

  /// By what the acknowledgement of the packet with the identifier at `id` is found.
  static func key(_ type: MQTTType, _ bytes: RawSpan, _ id: Range<Int>) -> [UInt8] {
    [type.rawValue, bytes.u8(id.lowerBound), bytes.u8(id.lowerBound + 1)]
  }

  /// Shows the properties that come next, if the version has any.
  @discardableResult
  mutating func showProperties(
    _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) -> MQTTProperties {
    var properties = MQTTProperties()
    if isFive { properties.read(bytes, &cursor, header.type, &faults, &view) }
    return properties
  }

  /// Shows a packet identifier.
  func showID(_ bytes: RawSpan, _ id: Range<Int>, _ faults: inout MQTTFaults, _ view: inout ViewWriter) {
    let number = bytes.u16(id.lowerBound)
    if number == 0 { faults.add("packet identifier 0") }
    view.integer("packet_id", number)
    view.say("#\(number)")
  }

  /// Shows a return code or reason code.
  func showReason(_ code: UInt8, _ faults: inout MQTTFaults, _ view: inout ViewWriter) {
    view.integer("reason_code", code)
    guard let name = MQTTReasons.name(code, header.type, isFive: isFive) else {
      return faults.add("\(header.type.name) with the code \(code), which is not defined")
    }
    if isFive, !MQTTReasons.mayStand(code, header.type) { faults.add("\(header.type.name) with the code of \(name)") }
    view.text("reason", "\(name)")
    if code != 0 || header.type == .connack { view.say(name) }
  }
}

/// Packets about others.
extension MQTT {
  // MARK: Acknowledgements

  func showAcknowledgement(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    guard let id = packet.cursor.take(2) else { return }
    packet.showID(bytes, id, &faults, &view)
    var code: UInt8 = 0
    if packet.isFive, !packet.cursor.isAtEnd {  // §3.4.2.1: else it is 0
      code = packet.cursor.byte(bytes) ?? 0
      packet.showReason(code, &faults, &view)
      if !packet.cursor.isAtEnd { packet.showProperties(bytes, &faults, &view) }
    }
    let type = packet.header.type
    let asked: MQTTType =
      switch type {
      case .pubrel: .pubrec
      case .pubcomp: .pubrel
      default: .publish
      }
    let label = view.reply(MQTTPacket.key(asked, bytes, id).span.bytes, isError: code >= 0x80)
    // A label is `PUBLISH topic`, and keeps the topic through the flow of QoS 2 (§4.3.3).
    let topic = label.flatMap { $0.split(separator: " ", maxSplits: 1).dropFirst().first }
    if let topic { view.say("of \(topic)") }
    if type == .pubrec && code < 0x80 || type == .pubrel {
      view.request(MQTTPacket.key(type, bytes, id).span.bytes, "\(type.name)" + (topic.map { " \($0)" } ?? ""))
    }
  }

  /// DISCONNECT and AUTH.
  func showReason(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    let isAuth = packet.header.type == .auth
    guard packet.isFive, isAuth || !packet.cursor.isAtEnd else { return }
    // Without a code, it is 0 (§3.15.2.1).
    guard let code = packet.header.remaining == 0 ? 0 : packet.cursor.byte(bytes) else { return }
    packet.showReason(code, &faults, &view)
    if !packet.cursor.isAtEnd { packet.showProperties(bytes, &faults, &view) }
    guard isAuth else { return }
    view.reply([15].span.bytes)
    if code != 0 { view.request([15].span.bytes, "AUTH") }
  }

  // MARK: Subscriptions

  /// SUBSCRIBE and UNSUBSCRIBE.
  func showSubscribe(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    guard let id = packet.cursor.take(2) else { return }
    let isSubscribe = packet.header.type == .subscribe
    packet.showID(bytes, id, &faults, &view)
    packet.showProperties(bytes, &faults, &view)
    if packet.cursor.isAtEnd { faults.add("\(packet.header.type.name) without a topic filter") }
    var first: String?
    var count = 0
    view.array(isSubscribe ? "subscriptions" : "topic_filters")
    while !packet.cursor.isAtEnd {
      guard let filter = packet.cursor.string(bytes) else { break }
      faults.checkText(bytes, filter, "a topic filter")
      MQTTFilters.check(bytes, filter, isFive: packet.isFive, &faults)
      count += 1
      let text = bytes.extracting(filter)
      if first == nil { first = text.withUnsafeBytes { String(decoding: $0.prefix(128), as: UTF8.self) } }
      view.say(text)
      guard isSubscribe else {
        view.text(nil, text)
        continue
      }
      guard let options = packet.cursor.byte(bytes) else { break }
      view.object()
      view.text("topic_filter", text)
      showOptions(options, packet.isFive, &faults, &view)
      if packet.isFive, options & 4 != 0, MQTTFilters.isShared(bytes, filter) {
        faults.add("No Local on a shared subscription")
      }
      view.close()
    }
    view.close()
    let key = MQTTPacket.key(packet.header.type, bytes, id)
    connection.filters[key] = packet.isPartial || connection.filters.count >= MQTTConnection.mostFilters ? nil : count
    let label = "\(packet.header.type.name)" + (first.map { " \($0)" } ?? "")
    view.request(key.span.bytes, label)
  }

  /// Subscription options (§3.8.3.1).
  private func showOptions(_ options: UInt8, _ isFive: Bool, _ faults: inout MQTTFaults, _ view: inout ViewWriter) {
    view.integer("qos", options & 3)
    if options & 3 > 0 { view.say("QoS \(options & 3)") }
    if options & 3 == 3 { faults.add("QoS 3") }
    if isFive {
      view.boolean("no_local", options & 4 != 0)
      view.boolean("retain_as_published", options & 8 != 0)
      view.integer("retain_handling", options >> 4 & 3)
      if options & 0x30 == 0x30 { faults.add("retain handling 3") }
    }
    if options & (isFive ? 0xC0 : 0xFC) != 0 { faults.add("reserved bits of subscription options are set") }
  }

  /// SUBACK and UNSUBACK.
  func showSuback(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    guard let id = packet.cursor.take(2) else { return }
    packet.showID(bytes, id, &faults, &view)
    packet.showProperties(bytes, &faults, &view)
    let type = packet.header.type
    var isError = false
    let asked: MQTTType = type == .suback ? .subscribe : .unsubscribe
    let filters = connection.filters.removeValue(forKey: MQTTPacket.key(asked, bytes, id))
    if type == .suback || packet.isFive {
      let codes = packet.cursor.rest()
      if let filters, !codes.isEmpty, codes.count != filters {
        faults.add("\(type.name) whose number of codes (\(codes.count)) is not that of topic filters (\(filters))")
      }
      view.array("reason_codes")
      for i in codes { view.integer(nil, bytes.u8(i)) }
      view.close()
      view.array("reasons")
      for i in codes {
        let code = bytes.u8(i)
        isError = isError || code >= 0x80
        if let name = MQTTReasons.name(code, type, isFive: packet.isFive) {
          view.text(nil, "\(name)")
          view.say(name)
        } else {
          view.null(nil)
          faults.add("\(type.name) with the code \(code), which is not defined")
        }
      }
      view.close()
      if codes.isEmpty { faults.add("\(type.name) without a code") }
    }
    view.reply(MQTTPacket.key(asked, bytes, id).span.bytes, isError: isError)
  }
}
