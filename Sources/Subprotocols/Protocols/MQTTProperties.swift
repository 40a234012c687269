import Bytes

/// A property of MQTT 5 (§2.2.2.2).
struct MQTTProperty {
  /// How its value is written.
  enum Kind {
    case byte, two, four, number, string, data, pair
  }

  let name: StaticString
  let kind: Kind
  /// The types of packets that may have it, as bits; bit 0 is that of a will.
  let places: UInt16

  private init(_ name: StaticString, _ kind: Kind, _ places: [MQTTType], inWill: Bool = false) {
    self.name = name
    self.kind = kind
    self.places = places.reduce(inWill ? 1 : 0) { $0 | 1 << UInt16($1.rawValue) }
  }

  /// The property `id`; nil if there is none.
  static func of(_ id: Int) -> MQTTProperty? { all[id] }

  private static let acknowledgements: [MQTTType] = [.puback, .pubrec, .pubrel, .pubcomp, .suback, .unsuback]

  private static let all: [Int: MQTTProperty] = [
    1: MQTTProperty("payload_format_indicator", .byte, [.publish], inWill: true),
    2: MQTTProperty("message_expiry_interval", .four, [.publish], inWill: true),
    3: MQTTProperty("content_type", .string, [.publish], inWill: true),
    8: MQTTProperty("response_topic", .string, [.publish], inWill: true),
    9: MQTTProperty("correlation_data", .data, [.publish], inWill: true),
    11: MQTTProperty("subscription_identifiers", .number, [.publish, .subscribe]),
    17: MQTTProperty("session_expiry_interval", .four, [.connect, .connack, .disconnect]),
    18: MQTTProperty("assigned_client_identifier", .string, [.connack]),
    19: MQTTProperty("server_keep_alive", .two, [.connack]),
    21: MQTTProperty("authentication_method", .string, [.connect, .connack, .auth]),
    22: MQTTProperty("authentication_data", .data, [.connect, .connack, .auth]),
    23: MQTTProperty("request_problem_information", .byte, [.connect]),
    24: MQTTProperty("will_delay_interval", .four, [], inWill: true),
    25: MQTTProperty("request_response_information", .byte, [.connect]),
    26: MQTTProperty("response_information", .string, [.connack]),
    28: MQTTProperty("server_reference", .string, [.connack, .disconnect]),
    31: MQTTProperty("reason_string", .string, [.connack, .disconnect, .auth] + acknowledgements),
    33: MQTTProperty("receive_maximum", .two, [.connect, .connack]),
    34: MQTTProperty("topic_alias_maximum", .two, [.connect, .connack]),
    35: MQTTProperty("topic_alias", .two, [.publish]),
    36: MQTTProperty("maximum_qos", .byte, [.connack]),
    37: MQTTProperty("retain_available", .byte, [.connack]),
    38: MQTTProperty(
      "user_properties", .pair,
      [.connect, .connack, .publish, .subscribe, .unsubscribe, .disconnect, .auth] + acknowledgements, inWill: true),
    39: MQTTProperty("maximum_packet_size", .four, [.connect, .connack]),
    40: MQTTProperty("wildcard_subscription_available", .byte, [.connack]),
    41: MQTTProperty("subscription_identifiers_available", .byte, [.connack]),
    42: MQTTProperty("shared_subscription_available", .byte, [.connack]),
  ]
}

/// The properties of a packet or will.
struct MQTTProperties {
  /// Those of one kind that may come again, which are kept.
  static let mostRepeated = 256

  /// What the property `payload_format_indicator` says.
  private(set) var isText = false
  /// Where the property `content_type` stands.
  private(set) var contentType: Range<Int>?

  private var seen: UInt64 = 0
  private var pairs: [(name: Range<Int>, value: Range<Int>)] = []
  private var identifiers: [Int] = []
  /// Whether there are subscription identifiers.
  var hasIdentifiers: Bool { !identifiers.isEmpty }
  private var leftOut = 0

  /// Reads the properties that `cursor` comes to, and writes them as the object `properties`; nothing if there are none.
  ///
  /// - Parameter place: the type of the packet; nil for a will.
  mutating func read(
    _ bytes: RawSpan, _ cursor: inout MQTTCursor, _ place: MQTTType?, _ faults: inout MQTTFaults,
    _ view: inout ViewWriter
  ) {
    guard let length = cursor.number(bytes), length > 0, let range = cursor.take(length) else { return }
    view.object("properties")
    var inner = MQTTCursor(range)
    while !inner.isAtEnd {
      guard let id = inner.number(bytes) else { break }
      guard let property = MQTTProperty.of(id) else {
        faults.add("there is no property \(id)")
        break
      }
      if property.places >> UInt16(place?.rawValue ?? 0) & 1 == 0 {
        faults.add("the property \(property.name) may not stand in \(place.map { "\($0.name)" } ?? "a will")")
      }
      let isAgain = seen >> UInt64(id) & 1 == 1
      seen |= 1 << UInt64(id)
      let mayRepeat = property.kind == .pair || id == 11 && place == .publish
      if isAgain, !mayRepeat { faults.add("the property \(property.name) stands there twice") }
      readValue(id, property, isAgain, bytes, &inner, &faults, &view)
    }
    if inner.isShort { faults.add("the properties break off") }
    writeRepeated(bytes, &faults, &view)
    view.close()
  }

  private mutating func readValue(
    _ id: Int, _ property: MQTTProperty, _ isAgain: Bool, _ bytes: RawSpan, _ cursor: inout MQTTCursor,
    _ faults: inout MQTTFaults, _ view: inout ViewWriter
  ) {
    switch property.kind {
    case .byte:
      guard let value = cursor.byte(bytes) else { return }
      if value > 1 { faults.add("the property \(property.name) is \(value)") }
      if id == 1 { isText = value == 1 }
      if !isAgain { view.integer(property.name, value) }
    case .two:
      guard let value = cursor.two(bytes) else { return }
      if value == 0, id == 35 || id == 33 { faults.add("the property \(property.name) is 0") }
      if !isAgain { view.integer(property.name, value) }
    case .four:
      guard let value = cursor.four(bytes) else { return }
      if !isAgain { view.integer(property.name, value) }
    case .number:
      guard let value = cursor.number(bytes) else { return }
      if value == 0 { faults.add("the property \(property.name) is 0") }
      if identifiers.count < Self.mostRepeated { identifiers.append(value) } else { leftOut += 1 }
    case .string, .data:
      guard let value = cursor.string(bytes) else { return }
      if property.kind == .string { faults.checkText(bytes, value, "the property \(property.name)") }
      if id == 3 { contentType = value }
      guard !isAgain else { return }
      let text = bytes.extracting(value)
      if property.kind == .string { view.text(property.name, text) } else { view.data(property.name, text) }
    case .pair:
      guard let name = cursor.string(bytes), let value = cursor.string(bytes) else { return }
      if pairs.count < Self.mostRepeated { pairs.append((name, value)) } else { leftOut += 1 }
    }
  }

  /// User properties and subscription identifiers, of which there may be several (§3.3.2.3.7, §3.3.2.3.8).
  private func writeRepeated(_ bytes: RawSpan, _ faults: inout MQTTFaults, _ view: inout ViewWriter) {
    if !identifiers.isEmpty {
      view.array("subscription_identifiers")
      for value in identifiers { view.integer(nil, value) }
      view.close()
    }
    guard !pairs.isEmpty else { return }
    var repeated: [Int] = []
    view.object("user_properties")
    for (i, pair) in pairs.enumerated() {
      faults.checkText(bytes, pair.name, "a user property")
      faults.checkText(bytes, pair.value, "a user property")
      if pairs[..<i].contains(where: { Self.areSame(bytes, $0.name, pair.name) }) {
        repeated.append(i)
      } else {
        view.text(named: bytes.extracting(pair.name), bytes.extracting(pair.value))
      }
    }
    view.close()
    if !repeated.isEmpty {
      view.array("repeated_user_properties")
      for i in repeated {
        view.array()
        view.text(nil, bytes.extracting(pairs[i].name))
        view.text(nil, bytes.extracting(pairs[i].value))
        view.close()
      }
      view.close()
    }
    if leftOut > 0 { view.integer("left_out", leftOut) }
  }

  private static func areSame(_ bytes: RawSpan, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where bytes.u8(a.lowerBound + i) != bytes.u8(b.lowerBound + i) { return false }
    return true
  }

  /// Whether sound properties stand where `cursor` is, and the topic alias among them.
  static func look(
    at cursor: MQTTCursor, _ bytes: RawSpan, _ place: MQTTType
  ) -> (areSound: Bool, alias: UInt16?) {
    var cursor = cursor
    var alias: UInt16?
    guard let length = cursor.number(bytes), let range = cursor.take(length) else { return (false, nil) }
    var inner = MQTTCursor(range)
    while !inner.isAtEnd {
      guard let id = inner.number(bytes), let property = MQTTProperty.of(id),
        property.places >> UInt16(place.rawValue) & 1 == 1
      else { return (false, alias) }
      switch property.kind {
      case .byte: _ = inner.take(1)
      case .two:
        let value = inner.two(bytes)
        if id == 35, alias == nil { alias = value }
      case .four: _ = inner.take(4)
      case .number: _ = inner.number(bytes)
      case .string, .data: _ = inner.string(bytes)
      case .pair: if inner.string(bytes) != nil { _ = inner.string(bytes) }
      }
    }
    return (!inner.isShort, alias)
  }
}

/// What breaks the rules in a packet.
struct MQTTFaults {
  private(set) var words: [String] = []
  private var count = 0

  /// Adds a fault; of a packet that is full of them, only the first ones.
  mutating func add(_ fault: @autoclosure () -> String) {
    count += 1
    guard count <= 64 else { return }
    let fault = fault()
    if words.count < 8, !words.contains(fault) { words.append(fault) }
  }

  /// Tells if the bytes in `range` are not UTF-8, or have a NUL (MQTT 5 §1.5.4).
  mutating func checkText(_ bytes: RawSpan, _ range: Range<Int>, _ what: String) {
    let text = bytes.extracting(range)
    if !UTF8Validator.isValid(text) { return add("\(what) is not UTF-8") }
    for i in range where bytes.u8(i) == 0 { return add("\(what) has a NUL") }
  }
}
