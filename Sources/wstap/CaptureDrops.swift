import Analysis
import Capture

/// What capture files say was dropped while they were made (pcapng Interface Statistics Blocks).
struct CaptureDrops {
  /// Interfaces that are kept; a hostile file may describe any number.
  private static let limit = 1024
  /// Bytes of an interface's name that are kept.
  private static let nameLimit = 64

  private struct Key: Hashable {
    var file: Int
    var section: UInt32
    var interface: UInt32
  }

  private struct Counts {
    var name = ""
    var byInterface: UInt64?
    var bySystem: UInt64?
  }

  private var interfaces: [Key: Counts] = [:]
  private var order: [Key] = []

  /// An interface, whose name lies in `bytes`.
  mutating func note(_ interface: CaptureInterface, _ bytes: [UInt8], file: Int) {
    let name = interface.name.prefix(Self.nameLimit).filter { bytes.indices.contains($0) }.map { bytes[$0] }
    change(Key(file: file, section: interface.section, interface: interface.index)) {
      $0.name = String(decoding: name, as: UTF8.self)
    }
  }

  /// What an interface had counted at some time; the last time counts.
  mutating func note(_ statistics: InterfaceStatistics, file: Int) {
    change(Key(file: file, section: statistics.section, interface: statistics.interface)) {
      $0.byInterface = statistics.droppedByInterface ?? $0.byInterface
      $0.bySystem = statistics.droppedBySystem ?? $0.bySystem
    }
  }

  private mutating func change(_ key: Key, _ body: (inout Counts) -> Void) {
    if interfaces[key] == nil {
      guard order.count < Self.limit else { return }
      order.append(key)
    }
    body(&interfaces[key, default: Counts()])
  }

  /// Packets dropped at all interfaces; nil if no file says anything of it.
  var total: UInt64? {
    let counts = interfaces.values.flatMap { [$0.byInterface, $0.bySystem].compactMap { $0 } }
    guard !counts.isEmpty else { return nil }
    return counts.reduce(0) { sum, count in
      let (result, isOver) = sum.addingReportingOverflow(count)
      return isOver ? .max : result
    }
  }

  /// A diagnostic for each interface that dropped packets.
  ///
  /// - Parameter fileName: the name of a file by its index; nil where there is but one.
  func diagnostics(fileName: (Int) -> String?) -> [Diagnostic] {
    order.compactMap { key in
      guard let counts = interfaces[key], counts.byInterface ?? 0 > 0 || counts.bySystem ?? 0 > 0 else { return nil }
      let parts = [(counts.byInterface, "the interface"), (counts.bySystem, "the operating system")].compactMap {
        count, who in count.flatMap { $0 > 0 ? "\($0) by \(who)" : nil }
      }
      let file = fileName(key.file).map { "\($0): " } ?? ""
      let name = counts.name.isEmpty ? "\(key.interface)" : counts.name
      return Diagnostic(.captureDrops, detail: "\(file)interface \(name): \(parts.joined(separator: ", "))")
    }
  }
}
