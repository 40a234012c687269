import CCrypto

/// Secret bytes, which are overwritten when nobody needs them any more. It says nothing of them but how many they are.
public final class Secret: @unchecked Sendable {  // nobody changes the bytes after `init`
  private let bytes: UnsafeMutableRawBufferPointer

  /// A copy of `source`.
  public convenience init(_ source: RawSpan) {
    self.init(count: source.byteCount) { target in source.withUnsafeBytes { target.copyMemory(from: $0) } }
  }

  /// The bytes of `source`, which is overwritten.
  convenience init(taking source: inout [UInt8]) {
    self.init(source.span.bytes)
    wipe(&source)
  }

  /// `count` bytes, which `fill` writes.
  init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    bytes = .allocate(byteCount: count, alignment: 8)
    fill(bytes)
  }

  deinit {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    bytes.deallocate()
  }

  /// How many bytes there are.
  public var count: Int { bytes.count }

  /// Shows the bytes to `body`.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { body(UnsafeRawBufferPointer(bytes)) }

  /// Whether `other` is the same.
  func isEqual(to other: Secret) -> Bool {
    count == other.count && CRYPTO_memcmp(bytes.baseAddress, other.bytes.baseAddress, count) == 0
  }
}
