/// Kinds of records.
public struct RecordKinds: OptionSet, Hashable, Sendable {
  /// The set as bits.
  public var rawValue: UInt8

  /// The set with the bits `rawValue`.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `CaptureRecord`.
  public static let capture = RecordKinds(rawValue: 1)
  /// `ConnectionRecord`.
  public static let connection = RecordKinds(rawValue: 2)
  /// `FrameRecord`.
  public static let frame = RecordKinds(rawValue: 4)
  /// `MessageRecord`.
  public static let message = RecordKinds(rawValue: 8)
  /// `Diagnostic`.
  public static let diagnostic = RecordKinds(rawValue: 16)
  /// `EndRecord`.
  public static let end = RecordKinds(rawValue: 32)
  /// `SummaryRecord`.
  public static let summary = RecordKinds(rawValue: 64)
  /// All of them.
  public static let all = RecordKinds(rawValue: 127)

  /// Each kind by its name in the output.
  public static let names: [(name: String, kind: RecordKinds)] = [
    ("capture", .capture), ("connection", .connection), ("frame", .frame), ("message", .message),
    ("diagnostic", .diagnostic), ("end", .end), ("summary", .summary),
  ]
}
