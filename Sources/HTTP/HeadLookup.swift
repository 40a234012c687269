import Bytes

/// What a head says under the names that are asked for.
extension HTTPHead {
  // MARK: Known fields, without a string where none is given

  /// Whether there is a field `field`.
  public func has(_ field: KnownField) -> Bool { place(field) != nil }

  /// How many fields `field` there are.
  public func count(of field: KnownField) -> Int { fieldPlaces.count { $0.field == field } }

  /// The place in `bytes` of the value of the first field `field`.
  public func place(_ field: KnownField) -> Range<Int>? {
    for place in fieldPlaces where place.field == field { return place.value }
    return nil
  }

  /// The value of the first field `field`.
  public func value(_ field: KnownField) -> String? { place(field).map { text($0) } }

  /// The values of all fields `field`, in order.
  public func values(_ field: KnownField) -> [String] {
    fieldPlaces.filter { $0.field == field }.map { text($0.value) }
  }

  /// The elements of the comma-separated list that the fields `field` make together (RFC 9110 §5.6.1).
  public func list(_ field: KnownField) -> [String] {
    has(field) ? values(field).flatMap { splitList($0) } : []
  }

  /// Whether the list `field` holds `token`, in lower case here and in any case there.
  public func hasToken(_ token: StaticString, in field: KnownField) -> Bool {
    bytes.withUnsafeBytes { bytes in
      for place in fieldPlaces where place.field == field {
        if bytes.isSame(place.value, token) { return true }  // the usual case: one element
        if bytes.hasElement(token, in: place.value) { return true }
      }
      return false
    }
  }

  /// Whether all fields `field` together are one `token`, in lower case here and in any case there.
  public func isOnly(_ token: StaticString, in field: KnownField) -> Bool {
    if count(of: field) == 1, let place = place(field), isSame(place, token) { return true }
    let elements = list(field)
    return elements.count == 1 && isSameText(elements[0], token.description)
  }

  /// Whether `bytes` at `place` are `lowerCase`, but for the case of ASCII letters.
  public func isSame(_ place: Range<Int>, _ lowerCase: StaticString) -> Bool {
    bytes.withUnsafeBytes { $0.isSame(place, lowerCase) }
  }

  /// Whether `bytes` at `place` are exactly `text`.
  public func isEqual(_ place: Range<Int>, _ text: StaticString) -> Bool {
    bytes.withUnsafeBytes { $0.isEqual(place, text) }
  }

  /// Whether `bytes` at `place` begin with exactly `text`.
  public func begins(_ place: Range<Int>, _ text: StaticString) -> Bool {
    isEqual(place.prefix(text.utf8CodeUnitCount), text)
  }

  // MARK: Any fields

  /// The values of all fields `name` (lower case), in order.
  public func values(_ name: String) -> [String] {
    fields.filter { isSameText($0.name, name) }.map(\.value)
  }

  /// The value of the first field `name` (lower case).
  public func value(_ name: String) -> String? { values(name).first }

  /// The elements of the comma-separated list that the fields `name` (lower case) make together (RFC 9110 §5.6.1).
  public func list(_ name: String) -> [String] { values(name).flatMap { splitList($0) } }

  /// Whether the list `name` holds `token`, both in lower case here and in any case there.
  public func hasToken(_ token: String, in name: String) -> Bool {
    (values(name) + list(name)).contains { isSameText($0, token) }
  }

  // MARK: The first line

  /// The place in `bytes` of the HTTP version: `HTTP/1.1`.
  public var versionPlace: Range<Int> { start.version }

  /// The method of a request; nil for a response.
  public var method: String? { methodPlace.map { isEqual($0, "GET") ? "GET" : text($0) } }

  /// The place in `bytes` of a request's method; nil for a response.
  public var methodPlace: Range<Int>? { isRequest ? start.word : nil }

  /// The place in `bytes` of a request's target; nil for a response.
  public var targetPlace: Range<Int>? { isRequest ? start.target : nil }

  /// The place in `bytes` of a response's reason phrase; nil for a request.
  public var reasonPlace: Range<Int>? { isRequest ? nil : start.word }
}

extension UnsafeRawBufferPointer {
  /// Whether the comma-separated list in `range` has an element `token`; see `splitList`.
  fileprivate func hasElement(_ token: StaticString, in range: Range<Int>) -> Bool {
    var start = range.lowerBound
    var isQuoted = false
    var isEscaped = false
    for i in range {
      let byte = self[i]
      if byte == 0x2C, !isQuoted {
        if isSame(trimmed(start..<i), token) { return true }
        start = i + 1
        continue
      }
      if byte == 0x22, !isEscaped { isQuoted.toggle() }
      isEscaped = isQuoted && byte == 0x5C && !isEscaped
    }
    return isSame(trimmed(start..<range.upperBound), token)
  }
}
