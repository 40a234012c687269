import Bytes
import Capture

/// An event with the bytes that it points to, so that events of different feedings can be compared.
struct SeenEvent: Equatable, CustomStringConvertible {
  var event: CaptureEvent
  var bytes: [UInt8] = []
  var name = ""

  init(_ event: CaptureEvent, in buffer: RawSpan) {
    func copy(_ range: Range<Int>) -> [UInt8] { range.map { buffer.u8($0) } }
    switch event {
    case .packet(var packet):
      bytes = copy(packet.data)
      packet.data = 0..<packet.data.count
      self.event = .packet(packet)
    case .secrets(var secrets):
      bytes = copy(secrets.data)
      secrets.data = 0..<secrets.data.count
      self.event = .secrets(secrets)
    case .interface(var interface):
      name = String(decoding: copy(interface.name), as: UTF8.self)
      bytes = copy(interface.description)
      interface.name = 0..<interface.name.count
      interface.description = 0..<interface.description.count
      self.event = .interface(interface)
    case .other(let block):
      bytes = copy(block.bytes)
      self.event = .other(CaptureBlock(type: block.type, bytes: 0..<bytes.count, order: block.order))
    case .statistics, .fault:
      self.event = event
    }
  }

  var packet: CapturedPacket? { if case .packet(let packet) = event { packet } else { nil } }
  var fault: CaptureFault? { if case .fault(let fault) = event { fault } else { nil } }
  var interface: CaptureInterface? { if case .interface(let interface) = event { interface } else { nil } }
  var statistics: InterfaceStatistics? { if case .statistics(let statistics) = event { statistics } else { nil } }

  var description: String { "\(event) \(bytes.count) bytes" }
}

/// Everything that came of reading a file.
struct Reading: Equatable {
  var events: [SeenEvent] = []
  var error: CaptureFileError?
  var packets: UInt64 = 0
  var blocksSkipped: UInt64 = 0
  var offset: UInt64 = 0
  var format: CaptureFormat?
  /// The most bytes that had to be kept at once.
  var largestRest = 0

  var faults: [CaptureFault.Kind] { events.compactMap { $0.fault?.kind } }
  var packetEvents: [SeenEvent] { events.filter { $0.packet != nil } }
  var times: [Int64] { events.compactMap { $0.packet?.time.nanoseconds } }
  var numbers: [UInt64] { events.compactMap { $0.packet?.number } }

  /// Plays the caller of a reader: shows `file` in pieces whose sizes `cut` gives, keeping the rest between them.
  init(_ file: [UInt8], limits: CaptureLimits = .default, cut: () -> Int = { .max }) {
    var reader = CaptureReader(limits: limits)
    var rest: [UInt8] = []
    var next = 0
    do throws(CaptureFileError) {
      while next < file.count {
        let count = min(max(cut(), 1), file.count - next)
        rest += file[next..<next + count]
        next += count
        largestRest = max(largestRest, rest.count)
        let position = try show(rest.span.bytes, to: &reader)
        precondition(reader.missing > 0, "an incomplete record lacks something")
        rest.removeFirst(position)
      }
      var position = 0
      let bytes = rest.span.bytes
      while let event = try reader.finish(bytes, &position) { events.append(SeenEvent(event, in: bytes)) }
      precondition(position == rest.count, "all bytes are taken in the end")
    } catch {
      self.error = error
    }
    packets = reader.packets
    blocksSkipped = reader.blocksSkipped
    offset = reader.offset
    format = reader.format
  }

  private mutating func show(_ bytes: RawSpan, to reader: inout CaptureReader) throws(CaptureFileError) -> Int {
    var position = 0
    while let event = try reader.next(bytes, &position) { events.append(SeenEvent(event, in: bytes)) }
    return position
  }

  /// The same, but for what depends on the pieces.
  func ignoringFeeding() -> Reading {
    var copy = self
    copy.largestRest = 0
    return copy
  }
}

/// A reproducible source of chance.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// pcapng blocks made by hand, sound and unsound.
struct Blocks {
  var order: ByteOrder
  var bytes: [UInt8] = []

  init(_ order: ByteOrder = .little) { self.order = order }

  func word(_ value: UInt32) -> [UInt8] {
    let big = (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
    return order == .big ? big : big.reversed()
  }

  func half(_ value: UInt16) -> [UInt8] {
    order == .big ? [UInt8(value >> 8), UInt8(value & 0xff)] : [UInt8(value & 0xff), UInt8(value >> 8)]
  }

  func long(_ value: UInt64) -> [UInt8] {
    let (high, low) = (word(UInt32(value >> 32)), word(UInt32(truncatingIfNeeded: value)))
    return order == .big ? high + low : low + high
  }

  func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    half(code) + half(UInt16(value.count)) + value + [UInt8](repeating: 0, count: -value.count & 3)
  }

  var endOfOptions: [UInt8] { option(0, []) }

  mutating func block(_ type: UInt32, _ body: [UInt8], length: UInt32? = nil, trailing: UInt32? = nil) {
    let body = body + [UInt8](repeating: 0, count: -body.count & 3)
    let length = length ?? UInt32(body.count + 12)
    bytes += word(type) + word(length) + body + word(trailing ?? length)
  }

  mutating func section(major: UInt16 = 1, minor: UInt16 = 0, length: UInt64 = .max, options: [UInt8] = []) {
    block(0x0a0d_0d0a, word(0x1a2b_3c4d) + half(major) + half(minor) + long(length) + options)
  }

  mutating func interface(_ linkType: UInt16 = 1, snaplen: UInt32 = 0, options: [UInt8] = []) {
    block(1, half(linkType) + half(0) + word(snaplen) + options)
  }

  func enhancedPacket(
    _ data: [UInt8], interface: UInt32 = 0, ticks: UInt64 = 0, captured: UInt32? = nil, original: UInt32? = nil,
    options: [UInt8] = []
  ) -> [UInt8] {
    let head = word(interface) + word(UInt32(ticks >> 32)) + word(UInt32(truncatingIfNeeded: ticks))
    let length = UInt32(data.count)
    let padding = [UInt8](repeating: 0, count: -data.count & 3)
    return head + word(captured ?? length) + word(original ?? length) + data + padding + options
  }

  mutating func packet(
    _ data: [UInt8], interface: UInt32 = 0, ticks: UInt64 = 0, original: UInt32? = nil, options: [UInt8] = []
  ) {
    block(6, enhancedPacket(data, interface: interface, ticks: ticks, original: original, options: options))
  }

  mutating func simplePacket(_ data: [UInt8], original: UInt32? = nil) {
    block(3, word(original ?? UInt32(data.count)) + data)
  }

  mutating func obsoletePacket(_ data: [UInt8], interface: UInt16 = 0, ticks: UInt64 = 0, options: [UInt8] = []) {
    var body = enhancedPacket(data, ticks: ticks, options: options)
    body.replaceSubrange(0..<4, with: half(interface) + half(7))
    block(2, body)
  }
}
