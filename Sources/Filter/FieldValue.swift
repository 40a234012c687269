import Capture
import Transport

/// The value of a field of a record.
///
/// What lies in the payload is not copied: it is told by its range in the bytes that came with the record.
public enum FieldValue: Equatable, Sendable {
  /// The record has no such value: its type lacks the field, or it is not known (`null` in JSON).
  case absent
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(UInt64)
  /// Any number.
  case double(Double)
  /// Text. Where it came from the wire, it is made as the record makes it.
  case string(String)
  /// Bytes.
  case bytes([UInt8])
  /// A range of the record's payload that is UTF-8.
  case payloadText(Range<Int>)
  /// A range of the record's payload.
  case payloadBytes(Range<Int>)
  /// A point in time.
  case time(Timestamp)
  /// A time span in nanoseconds.
  case duration(Int64)
  /// An IP address.
  case address(IPAddress)
  /// An IP address and a TCP port.
  case endpoint(Endpoint)
  /// Several values, none of them absent or a list itself.
  case list([FieldValue])

  /// The value, or absent where there is none.
  init(_ value: UInt64?) { self = value.map { .integer($0) } ?? .absent }
  /// The value, or absent where there is none.
  init(_ value: Bool?) { self = value.map { .bool($0) } ?? .absent }
  /// The value, or absent where there is none.
  init(_ value: String?) { self = value.map { .string($0) } ?? .absent }
  /// The value, or absent where there is none.
  init(_ value: Timestamp?) { self = value.map { .time($0) } ?? .absent }
  /// A list of them; absent if there is none.
  init(_ values: [String]) { self = values.isEmpty ? .absent : .list(values.map { .string($0) }) }
}

/// What the values of a field are, and what they can be compared with.
public enum FieldType: Equatable, Sendable {
  /// True or false.
  case bool
  /// A whole number from 0 on.
  case integer
  /// A number.
  case number
  /// Text.
  case string
  /// One of these words, in their order.
  case choice([String])
  /// Bytes.
  case bytes
  /// A point in time.
  case time
  /// A time span.
  case duration
  /// An IP address.
  case address
  /// An IP address with a TCP port.
  case endpoint
  /// Whatever JSON has.
  case json

  /// The type in a word or two.
  public var name: String {
    switch self {
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .choice: "word"
    case .bytes: "bytes"
    case .time: "time"
    case .duration: "duration"
    case .address: "address"
    case .endpoint: "endpoint"
    case .json: "JSON"
    }
  }
}
