import Bytes
import JSON

/// What the packets say.
extension MQTT {
  /// Shows the packet with `header`, of which `bytes` are known.
  func show(
    _ header: MQTTHeader, _ bytes: RawSpan, _ message: ViewedMessage, _ end: MQTTEnd, _ view: inout ViewWriter
  ) {
    view.text("packet", "\(header.type.name)")
    view.say(header.type.name)
    var faults = MQTTFaults()
    checkHeader(header, &faults)
    checkSender(header, message, end, &faults)
    var packet = MQTTPacket(header, bytes.byteCount, version(header, bytes, &view))
    packet.isFromClient = message.isFromClient
    switch header.type {
    case .connect: showConnect(&packet, bytes, &faults, &view)
    case .connack: showConnack(&packet, bytes, &faults, &view)
    case .publish: showPublish(&packet, bytes, end, &faults, &view)
    case .puback, .pubrec, .pubrel, .pubcomp: showAcknowledgement(&packet, bytes, &faults, &view)
    case .subscribe, .unsubscribe: showSubscribe(&packet, bytes, &faults, &view)
    case .suback, .unsuback: showSuback(&packet, bytes, &faults, &view)
    case .pingreq: view.request([7].span.bytes, "PINGREQ")
    case .pingresp: view.reply([7].span.bytes)
    case .disconnect, .auth: showReason(&packet, bytes, &faults, &view)
    }
    guard message.isWhole || message.isCut, !packet.isPartial else { return }
    if connection.version == nil, MQTTGuess.isNeeded(header.type) { return }
    if packet.cursor.isShort {
      faults.add("the packet \(header.type.name) breaks off")
    } else if !packet.cursor.isAtEnd {
      faults.add("\(ViewUnits.bytes(packet.cursor.range.count)) too many in the packet \(header.type.name)")
    }
    for words in faults.words { view.fault(words) }
  }

  private func checkHeader(_ header: MQTTHeader, _ faults: inout MQTTFaults) {
    if let flags = header.type.flags, flags != header.flags {
      // 3.1 uses the bit for duplicates in PUBREL, SUBSCRIBE and UNSUBSCRIBE as well.
      if flags == 0 || header.flags != flags | 0b1000 || connection.version != .v31 {
        faults.add("reserved flags of \(header.type.name) are \(header.flags) instead of \(flags)")
      }
    }
    if header.type == .auth, connection.version == .v31 || connection.version == .v311 {
      faults.add("there is no packet AUTH before MQTT 5")
    }
    if header.isLengthPadded, connection.version == .v5 {
      faults.add("a remaining length with more bytes than it needs")
    }
  }

  private func checkSender(
    _ header: MQTTHeader, _ message: ViewedMessage, _ end: MQTTEnd, _ faults: inout MQTTFaults
  ) {
    if connection.hasConnect, let sender = header.type.sender, sender != message.isFromClient {
      faults.add("\(header.type.name) from the \(message.isFromClient ? "client" : "server")")
    }
    if end.hasDisconnected { faults.add("\(header.type.name) after DISCONNECT") }
    if header.type == .disconnect { end.hasDisconnected = true }
  }

  /// The version of a packet: what CONNECT says; without one, what the packet looks like.
  private func version(
    _ header: MQTTHeader, _ bytes: RawSpan, _ view: inout ViewWriter
  ) -> MQTTConnection.Version {
    if let version = connection.version { return version }
    switch header.type {
    case .auth: connection.version = .v5
    case .connack where header.remaining > 2, .disconnect where header.remaining > 0: connection.version = .v5
    case .puback where header.remaining > 2, .pubrec where header.remaining > 2, .pubrel where header.remaining > 2,
      .pubcomp where header.remaining > 2:
      connection.version = .v5
    case .connack: connection.version = .v311
    case .publish, .subscribe, .suback, .unsubscribe, .unsuback: return guess(header, bytes, &view)
    default: break
    }
    return connection.version ?? .v311
  }

  /// What the packet looks like, where it alone can tell.
  private func guess(
    _ header: MQTTHeader, _ bytes: RawSpan, _ view: inout ViewWriter
  ) -> MQTTConnection.Version {
    let three = MQTTGuess.fits(header, bytes, isFive: false)
    let five = MQTTGuess.fits(header, bytes, isFive: true)
    if three != five, header.total <= bytes.byteCount {
      let version: MQTTConnection.Version = five ? .v5 : .v311
      connection.version = version
      return version
    }
    let version: MQTTConnection.Version = five ? .v5 : .v311
    view.text("version_guess", "\(version.name)")
    return version
  }

  // MARK: CONNECT and CONNACK

  private func showConnect(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    if connection.hasConnect { faults.add("a second CONNECT") }
    guard let name = packet.cursor.string(bytes), let level = packet.cursor.byte(bytes),
      let flags = packet.cursor.byte(bytes), let keepAlive = packet.cursor.two(bytes)
    else { return }
    let version = MQTTConnection.Version(rawValue: level & 0x7F)
    (connection.version, connection.hasConnect) = (version, true)
    packet.version = version ?? .v311
    view.text("protocol_name", bytes.extracting(name))
    view.integer("protocol_level", level)
    if let version { view.text("version", "\(version.name)") }
    if version == nil || !bytes.holds(version == .v31 ? "MQIsdp" : "MQTT", name) {
      faults.add("there is no protocol of this name and level")
    }
    view.boolean(packet.isFive ? "clean_start" : "clean_session", flags & 2 != 0)
    view.integer("keep_alive", keepAlive)
    packet.showProperties(bytes, &faults, &view)
    guard let id = packet.cursor.string(bytes) else { return }
    faults.checkText(bytes, id, "the client identifier")
    view.text("client_id", bytes.extracting(id))
    view.say(bytes.extracting(id))
    if let version { view.say("MQTT \(version.name)") }
    if id.isEmpty, flags & 2 == 0, version == .v311 { faults.add("no client identifier and no clean session") }
    checkConnect(flags, packet, &faults)
    if flags & 4 != 0 { showWill(flags, &packet, bytes, &faults, &view) }
    if flags & 0x80 != 0, let user = packet.cursor.string(bytes) {
      faults.checkText(bytes, user, "the user name")
      view.text("username", bytes.extracting(user))
      view.say("user")
      view.say(bytes.extracting(user))
    }
    if flags & 0x40 != 0, let password = packet.cursor.string(bytes) {
      view.text("password", bytes.extracting(password))
    }
    view.request([1].span.bytes, "CONNECT")
  }

  private func checkConnect(_ flags: UInt8, _ packet: MQTTPacket, _ faults: inout MQTTFaults) {
    if flags & 1 != 0 { faults.add("the reserved flag of CONNECT is set") }
    if flags & 4 == 0, flags & 0x38 != 0 { faults.add("flags of a will without a will") }
    if flags & 0x18 == 0x18 { faults.add("QoS 3") }
    if flags & 0xC0 == 0x40, !packet.isFive { faults.add("a password without a user name") }
  }

  private func showWill(
    _ flags: UInt8, _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults,
    _ view: inout ViewWriter
  ) {
    view.object("will")
    var properties = MQTTProperties()
    if packet.isFive { properties.read(bytes, &packet.cursor, nil, &faults, &view) }
    if let topic = packet.cursor.string(bytes) {
      checkTopic(bytes, topic, &faults)
      view.text("topic", bytes.extracting(topic))
      view.say("will")
      view.say(bytes.extracting(topic))
    }
    view.integer("qos", flags >> 3 & 3)
    view.boolean("retain", flags & 0x20 != 0)
    if let payload = packet.cursor.string(bytes) {
      showPayload(bytes, payload, properties, &faults, &view, isTold: false)
    }
    view.close()
  }

  private func showConnack(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    guard let flags = packet.cursor.byte(bytes), let code = packet.cursor.byte(bytes) else { return }
    // A server that knows no MQTT 5 answers in the older form (MQTT 5 §3.1.2.2).
    if packet.isFive, packet.header.remaining == 2, code <= 5 { packet.version = .v311 }
    if flags > 1 { faults.add("reserved flags of the acknowledgement are set") }
    if flags & 1 == 1, code != 0 { faults.add("a session that is present although the connection is refused") }
    if packet.version != .v31 { view.boolean("session_present", flags & 1 != 0) }
    packet.showReason(code, &faults, &view)
    if flags & 1 == 1 { view.say("session present") }
    packet.showProperties(bytes, &faults, &view)
    view.reply([1].span.bytes, isError: code != 0)
  }

  // MARK: PUBLISH

  private func showPublish(
    _ packet: inout MQTTPacket, _ bytes: RawSpan, _ end: MQTTEnd, _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    guard let name = packet.cursor.string(bytes) else { return }
    let qos = packet.header.flags >> 1 & 3
    var id: Range<Int>?
    if qos > 0 {
      id = packet.cursor.take(2)
      if id == nil { return }
    }
    checkTopic(bytes, name, &faults)
    let topic = topic(packet, bytes, name, end, &faults)
    view.text("topic", topic.span.bytes)
    view.say(topic.span.bytes)
    view.integer("qos", qos)
    view.boolean("retain", packet.header.flags & 1 != 0)
    view.boolean("dup", packet.header.flags & 8 != 0)
    if qos == 3 { faults.add("QoS 3") }
    if qos == 0, packet.header.flags & 8 != 0 { faults.add("a duplicate with QoS 0") }
    if qos > 0 { view.say("QoS \(qos)") }
    if let id { packet.showID(bytes, id, &faults, &view) }
    if packet.header.flags & 8 != 0 { view.say("dup") }
    if packet.header.flags & 1 != 0 { view.say("retain") }
    let properties = packet.showProperties(bytes, &faults, &view)
    if packet.isFromClient, connection.hasConnect, properties.hasIdentifiers {
      faults.add("a subscription identifier in a PUBLISH of the client")  // §3.3.4
    }
    if packet.isPartial {
      let length = packet.header.total - packet.cursor.range.lowerBound
      view.integer("payload_length", length)
      view.say("(\(ViewUnits.bytes(length)))")
    } else {
      showPayload(bytes, packet.cursor.rest(), properties, &faults, &view, isTold: true)
    }
    if let id {
      let label = "PUBLISH \(String(decoding: topic.prefix(100), as: UTF8.self))"
      view.request(MQTTPacket.key(.publish, bytes, id).span.bytes, label)
    }
  }

  /// The topic of a PUBLISH whose properties come next: its name, or what its alias stands for (MQTT 5 §3.3.2.3.4).
  private func topic(
    _ packet: MQTTPacket, _ bytes: RawSpan, _ name: Range<Int>, _ end: MQTTEnd, _ faults: inout MQTTFaults
  ) -> [UInt8] {
    let topic = bytes.extracting(name).withUnsafeBytes { Array($0) }
    guard packet.isFive, let alias = MQTTProperties.look(at: packet.cursor, bytes, .publish).alias else {
      if topic.isEmpty { faults.add("a PUBLISH without a topic") }
      return topic
    }
    if !topic.isEmpty {
      end.remember(bytes.extracting(name), as: alias)
      return topic
    }
    if end.topic(alias) == nil, connection.hasConnect, !end.lacksTopics {
      faults.add("topic alias \(alias) stands for no topic")
    }
    return end.topic(alias) ?? []
  }

  private func checkTopic(_ bytes: RawSpan, _ topic: Range<Int>, _ faults: inout MQTTFaults) {
    faults.checkText(bytes, topic, "a topic")
    for i in topic where bytes.u8(i) == UInt8(ascii: "#") || bytes.u8(i) == UInt8(ascii: "+") {
      return faults.add("a topic with a wildcard")
    }
  }

  private func showPayload(
    _ bytes: RawSpan, _ range: Range<Int>, _ properties: MQTTProperties, _ faults: inout MQTTFaults,
    _ view: inout ViewWriter, isTold: Bool
  ) {
    let payload = bytes.extracting(range)
    let type = properties.contentType.map { bytes.extracting($0).withUnsafeBytes { Array($0) } } ?? []
    if properties.isText, !UTF8Validator.isValid(payload) {
      faults.add("a payload that is not UTF-8 as it is said to be")
    }
    if let token = JSONBody.token(payload, isJSON: JSONBody.isJSON(contentType: type), &outline) {
      view.json("payload", token, payload)
      if isTold { view.say(payload) }
    } else if !range.isEmpty {
      view.text("payload", payload)
      if isTold { view.say(quoted: payload) }
    }
    view.integer("payload_length", range.count)
  }
}
