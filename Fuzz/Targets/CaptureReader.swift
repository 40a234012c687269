import Bytes
import Capture

/// A capture file gives the same however it is fed: whole, in random pieces, or in just the pieces that it asks for.
func fuzz(_ input: [UInt8]) {
  var chance = Chance(input)
  for limits in [CaptureLimits.default, CaptureLimits(record: 300, interfaces: 3)] {
    let whole = Reading(input, limits) { _ in input.count }
    var pieces = chance.pieces(of: input.count)
    let random = Reading(input, limits) { _ in pieces.popLast() ?? 1 }
    require(random == whole, "random pieces give \(random), all at once \(whole)")
    let wanted = Reading(input, limits) { $0 }
    require(wanted == whole, "wanted pieces give \(wanted), all at once \(whole)")
  }
}

/// An event with the bytes that it points to, apart from where these were shown.
private struct SeenEvent: Equatable {
  var event: CaptureEvent
  var bytes: [UInt8] = []

  init(_ event: CaptureEvent, in buffer: [UInt8]) {
    self.event = event
    switch event {
    case .packet(var packet):
      bytes = Array(buffer[packet.data])
      packet.data = 0..<bytes.count
      self.event = .packet(packet)
    case .secrets(var secrets):
      bytes = Array(buffer[secrets.data])
      secrets.data = 0..<bytes.count
      self.event = .secrets(secrets)
    case .interface(var interface):
      bytes = Array(buffer[interface.name] + buffer[interface.description])
      interface.name = 0..<interface.name.count
      interface.description = 0..<interface.description.count
      self.event = .interface(interface)
    case .statistics, .fault, .other:
      break
    }
  }
}

/// What comes of reading a file.
private struct Reading: Equatable {
  private var events: [SeenEvent] = []
  private var error: CaptureFileError?
  private var packets: UInt64 = 0
  private var skipped: UInt64 = 0

  /// - Parameter size: how many bytes to show next, given how many are missing at least.
  init(_ file: [UInt8], _ limits: CaptureLimits, _ size: (Int) -> Int) {
    var reader = CaptureReader(limits: limits)
    do throws(CaptureFileError) {
      try read(file, limits, &reader, size)
      require(reader.offset == UInt64(file.count), "took \(reader.offset) of \(file.count) bytes")
    } catch {
      self.error = error
    }
    packets = reader.packets
    skipped = reader.blocksSkipped
  }

  private mutating func read(
    _ file: [UInt8], _ limits: CaptureLimits, _ reader: inout CaptureReader, _ size: (Int) -> Int
  ) throws(CaptureFileError) {
    var rest: [UInt8] = []
    var shown = 0
    var missing = 1
    while shown < file.count {
      let count = min(max(size(missing), 1), file.count - shown)
      rest += file[shown..<shown + count]
      shown += count
      var position = 0
      while let event = try reader.next(rest.span.bytes, &position) { note(event, rest) }
      require(position <= rest.count, "took more than was shown")
      require(reader.missing > 0, "an incomplete record lacks something")
      missing = reader.missing
      rest.removeFirst(position)
      require(rest.count <= limits.record + 24, "\(rest.count) bytes are left")
    }
    var position = 0
    while let event = try reader.finish(rest.span.bytes, &position) { note(event, rest) }
    require(position == rest.count, "something is left at the end")
  }

  private mutating func note(_ event: CaptureEvent, _ bytes: [UInt8]) {
    if case .packet(let packet) = event {
      require(packet.number > packets, "packet numbers do not rise")
      packets = packet.number
    }
    events.append(SeenEvent(event, in: bytes))
  }
}
