/// What an interface had counted at some time (pcapng Interface Statistics Block).
///
/// Counts run from the start of the capture, so that the last statistics of an interface are the ones to show.
public struct InterfaceStatistics: Equatable, Sendable {
  /// 0-based index of the interface within its section.
  public var interface: UInt32
  /// 0-based number of the section within the file.
  public var section: UInt32
  /// When the counts were taken.
  public var time: Timestamp

  // All ones stand for "not said"; five optionals would make every event
  // twice as large.
  private var receivedCount = UInt64.max
  private var interfaceDrops = UInt64.max
  private var filterCount = UInt64.max
  private var systemDrops = UInt64.max
  private var deliveredCount = UInt64.max

  /// Statistics that count nothing yet.
  public init(interface: UInt32, section: UInt32 = 0, time: Timestamp) {
    self.interface = interface
    self.section = section
    self.time = time
  }

  /// Packets that the interface received; nil when the file does not say. (All the counts are.)
  public var received: UInt64? {
    get { receivedCount == .max ? nil : receivedCount }
    set { receivedCount = newValue ?? .max }
  }

  /// Packets that the interface dropped for lack of room.
  public var droppedByInterface: UInt64? {
    get { interfaceDrops == .max ? nil : interfaceDrops }
    set { interfaceDrops = newValue ?? .max }
  }

  /// Packets that the capture filter took.
  public var acceptedByFilter: UInt64? {
    get { filterCount == .max ? nil : filterCount }
    set { filterCount = newValue ?? .max }
  }

  /// Packets that the operating system dropped: what tcpdump calls "dropped by kernel".
  public var droppedBySystem: UInt64? {
    get { systemDrops == .max ? nil : systemDrops }
    set { systemDrops = newValue ?? .max }
  }

  /// Packets handed to the capturing program.
  public var delivered: UInt64? {
    get { deliveredCount == .max ? nil : deliveredCount }
    set { deliveredCount = newValue ?? .max }
  }
}
