/// Who sends an element of Sec-WebSocket-Extensions.
public enum ExtensionRole: Sendable {
  /// The client offers it.
  case offer
  /// The server has chosen it.
  case response
}

extension ExtensionElement {
  /// What a parameter's value must be.
  private enum Rule {
    case none
    /// 8 to 15, in decimal, without leading zeros (RFC 7692 §7.1.2).
    case windowBits
    /// The same, or no value.
    case optionalWindowBits
  }

  /// Faults that are told of one element; its parameters may be thousands.
  private static let mostFaults = 16

  /// What is wrong with the parameters of a compression extension (RFC 7692 §7.1; draft-tyoshino-hybi-websocket-perframe-
  /// deflate-06 §4), in words that hold what came from the wire. Of other extensions nothing is known.
  public func parameterFaults(_ role: ExtensionRole) -> [String] {
    guard let rules = Self.rules(name, role) else { return [] }
    var faults: [String] = []
    var seen: Set<String> = []
    for parameter in parameters where faults.count < Self.mostFaults {
      let text = parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name
      guard seen.insert(parameter.name).inserted else {
        faults.append("\(parameter.name) is there twice")
        continue
      }
      switch (rules.first { $0.0 == parameter.name }?.1, parameter.value) {
      case (nil, _): faults.append("\(text) has no meaning here")
      case (.some(.none), nil), (.optionalWindowBits, nil): break
      case (.some(.none), _): faults.append("\(text) must not have a value")
      case (.windowBits, nil): faults.append("\(text) must have a value")
      case (.windowBits, _), (.optionalWindowBits, _):
        if windowBits(parameter.name) == nil { faults.append("\(text) is not 8 to 15") }
      }
    }
    return faults
  }

  private static func rules(_ name: String, _ role: ExtensionRole) -> [(String, Rule)]? {
    switch name {
    case "permessage-deflate":
      [
        ("server_no_context_takeover", .none), ("client_no_context_takeover", .none),
        ("server_max_window_bits", .windowBits),
        ("client_max_window_bits", role == .offer ? .optionalWindowBits : .windowBits),
      ]
    case "deflate-frame", "x-webkit-deflate-frame": [("no_context_takeover", .none), ("max_window_bits", .windowBits)]
    default: nil
    }
  }

  /// The value of the parameter `name`, if it is one that window bits may have (RFC 7692 §7.1.2); nil otherwise.
  public func windowBits(_ name: String) -> Int? {
    guard let value = parameter(name)?.value else { return nil }
    return (8...15).first { value == "\($0)" }
  }

  /// Why this choice of permessage-deflate answers none of the `offers` (RFC 7692 §7.1.1, §7.1.2), in words, as far as the
  /// one that comes closest; nil if it answers one.
  public func misfit(to offers: [ExtensionElement]) -> String? {
    var closest: [String]?
    for offer in offers {
      let misfits = misfits(to: offer)
      if misfits.isEmpty { return nil }
      if misfits.count < closest?.count ?? .max { closest = misfits }
    }
    return closest?.joined(separator: ", ")
  }

  private func misfits(to offer: ExtensionElement) -> [String] {
    var misfits: [String] = []
    if offer.parameter("server_no_context_takeover") != nil, parameter("server_no_context_takeover") == nil {
      misfits.append("server_no_context_takeover was asked for")
    }
    if parameter("client_max_window_bits") != nil, offer.parameter("client_max_window_bits") == nil {
      misfits.append("client_max_window_bits was not offered")
    }
    guard let most = offer.windowBits("server_max_window_bits") else { return misfits }
    if let bits = windowBits("server_max_window_bits") {
      if bits > most { misfits.append("server_max_window_bits \(bits) is larger than \(most)") }
    } else if parameter("server_max_window_bits") == nil {
      misfits.append("server_max_window_bits \(most) was asked for")
    }
    return misfits
  }
}
