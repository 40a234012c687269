import Bytes

/// What a head says under the names that are asked for.
extension HTTPHead {
  // MARK: Known fields, without a string where none is given

  /// Whether there is a field `field`.
  public func has(_ field: KnownField) -> Bool { known.first(field) != nil }

  /// Whether there are several fields `field`.
  public func isRepeated(_ field: KnownField) -> Bool { known.isRepeated(field) }

  /// How many fields `field` there are.
  public func count(of field: KnownField) -> Int {
    isRepeated(field) ? fieldPlaces.count { $0.field == field } : has(field) ? 1 : 0
  }

  /// The place in `bytes` of the value of the first field `field`.
  public func place(_ field: KnownField) -> Range<Int>? { known.first(field).map { fieldPlaces[$0].value } }

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
    guard let first = place(field) else { return false }
    return bytes.withUnsafeBytes { bytes in
      if bytes.isSame(first, token) || bytes.hasElement(token, in: first) { return true }  // usually it is all there is
      return isRepeated(field)
        && fieldPlaces.contains { $0.field == field && bytes.hasElement(token, in: $0.value) }
    }
  }

  /// Whether all fields `field` together are one `token`, in lower case here and in any case there.
  public func isOnly(_ token: StaticString, in field: KnownField) -> Bool {
    if !isRepeated(field), let place = place(field), isSame(place, token) { return true }
    let elements = list(field)
    return elements.count == 1 && isSameText(elements[0], token.description)
  }

  /// Whether `bytes` at `place` are `lowerCase`, but for the case of ASCII letters.
  public func isSame(_ place: Range<Int>, _ lowerCase: StaticString) -> Bool {
    bytes.withUnsafeBytes { $0.isSame(place, lowerCase) }
  }

  /// Whether `byte` is among `bytes` at `place`.
  public func contains(_ byte: UInt8, in place: Range<Int>) -> Bool {
    bytes.withUnsafeBytes { $0.firstIndex(of: byte, from: place.lowerBound, to: place.upperBound) } < place.upperBound
  }

  /// Whether `condition` holds for all `bytes` at `place`.
  @inlinable @inline(__always)
  public func allBytes(in place: Range<Int>, _ condition: (UInt8) -> Bool) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var i = place.lowerBound
      while i < place.upperBound, condition(bytes[i]) { i &+= 1 }
      return i >= place.upperBound
    }
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

  /// What a request is for, as it is written; nil for a response.
  public var target: String? { targetPlace.map { text($0) } }

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
