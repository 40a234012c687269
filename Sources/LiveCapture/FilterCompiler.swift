import CPcap

/// Compiles filters, and finds what is wrong with them.
struct FilterCompiler {
  private let handle: OpaquePointer
  private let library: PcapLibrary
  private let netmask: UInt32

  /// A compiler for what is captured from `handle`, on an interface with this IPv4 netmask.
  init(_ handle: OpaquePointer, _ library: PcapLibrary, netmask: UInt32 = .max) {
    self.handle = handle
    self.library = library
    self.netmask = netmask
  }

  /// What is wrong with `filter` for Ethernet; nil if nothing is. Throws `LiveCaptureError` if libpcap is not there.
  static func fault(in filter: String) throws(LiveCaptureError) -> FilterFault? {
    let library = try PcapLibrary()
    guard let handle = library.openDead(1, 65_535) else { return nil }
    defer { library.close(handle) }
    let compiler = FilterCompiler(handle, library)
    guard !compiler.compiles(filter) else { return nil }
    let reason = library.message(handle)
    return FilterFault(filter: filter, reason: reason, place: compiler.place(in: filter, reason))
  }

  /// Lets pass only what `filter` describes. Throws `LiveCaptureError.wrongFilter`.
  func set(_ filter: String) throws(LiveCaptureError) {
    var program = bpf_program()
    guard library.compile(handle, &program, filter, 1, netmask) == 0 else {
      let reason = library.message(handle)
      throw .wrongFilter(FilterFault(filter: filter, reason: reason, place: place(in: filter, reason)))
    }
    defer { library.freeCode(&program) }
    guard library.setFilter(handle, &program) == 0 else {
      throw .wrongFilter(FilterFault(filter: filter, reason: library.message(handle), place: nil))
    }
  }

  private func compiles(_ filter: String) -> Bool {
    var program = bpf_program()
    guard library.compile(handle, &program, filter, 0, netmask) == 0 else { return false }
    library.freeCode(&program)
    return true
  }

  // MARK: Where a filter is wrong

  /// Where the first word stands that is wrong: the one that libpcap names, or else the first one up to which the filter
  /// cannot be completed.
  private func place(in filter: String, _ reason: String) -> Range<Int>? {
    let words = FilterWord.all(in: filter)
    if let named = words.first(where: { reason.contains("'\($0.text)'") || reason.contains("\"\($0.text)\"") }) {
      return named.place
    }
    guard words.count <= 64 else { return nil }
    // Each try could ask for the address of a host: so an address stands for the name.
    var tried = words
    for i in words.indices.dropFirst() where words[i].mayBeName && FilterWord.beforeHosts.contains(words[i - 1].text) {
      tried[i].text = "127.0.0.1"
    }
    guard let wrong = words.indices.first(where: { !canBegin(tried[...$0]) }) else {
      return filter.isEmpty ? nil : filter.count..<filter.count + 1
    }
    return tried[wrong] == words[wrong] ? words[wrong].place : nil
  }

  /// Whether a filter can begin with `words`.
  private func canBegin(_ words: ArraySlice<FilterWord>) -> Bool {
    let text = words.map(\.text).joined(separator: " ")
    let open = words.reduce(0) { $0 + ($1.text == "(" ? 1 : $1.text == ")" ? -1 : 0) }
    let closing = String(repeating: " )", count: max(open, 0))
    return Self.continuations.contains { compiles(text + $0 + closing) || compiles(text + $0) }
  }

  /// What a filter that was broken off may go on with.
  private static let continuations = [
    "", " tcp", " 1", " 80", " 80-90", " 127.0.0.1", " 127.0.0.0/8", " ::1", " 00:00:00:00:00:00", " host 127.0.0.1",
    " port 80", " = 0", " > 0", " ] = 0", " 0 ] = 0", " 1 = 0", " 1 ] = 0", " :1 ] = 0", " 0 : 1 ] = 0",
    " mask 255.0.0.0",
    " proto 6", " \\tcp", " ) = 0", " 1 ) = 0",
  ]
}
