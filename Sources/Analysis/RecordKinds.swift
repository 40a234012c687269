/// Kinds of records.
public struct RecordKinds: OptionSet, Hashable, Sendable {
  /// The set as bits.
  public var rawValue: UInt8

  /// The set with the bits `rawValue`.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `CaptureRecord`.
  @inlinable public static var capture: RecordKinds { RecordKinds(rawValue: 1) }
  /// `ConnectionRecord`.
  @inlinable public static var connection: RecordKinds { RecordKinds(rawValue: 2) }
  /// `FrameRecord`.
  @inlinable public static var frame: RecordKinds { RecordKinds(rawValue: 4) }
  /// `MessageRecord`.
  @inlinable public static var message: RecordKinds { RecordKinds(rawValue: 8) }
  /// `Diagnostic`.
  @inlinable public static var diagnostic: RecordKinds { RecordKinds(rawValue: 16) }
  /// `EndRecord`.
  @inlinable public static var end: RecordKinds { RecordKinds(rawValue: 32) }
  /// `SummaryRecord`.
  @inlinable public static var summary: RecordKinds { RecordKinds(rawValue: 64) }
  /// `TLSConnectionRecord`.
  @inlinable public static var tls: RecordKinds { RecordKinds(rawValue: 128) }
  /// All of them.
  @inlinable public static var all: RecordKinds { RecordKinds(rawValue: 255) }

  /// Each kind by its name in the output.
  public static let names: [(name: String, kind: RecordKinds)] = [
    ("capture", .capture), ("connection", .connection), ("frame", .frame), ("message", .message),
    ("diagnostic", .diagnostic), ("end", .end), ("tls", .tls), ("summary", .summary),
  ]
}
