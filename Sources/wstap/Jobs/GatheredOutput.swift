#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Output that is put together from many places, and written from there without being copied (`writev(2)`).
struct GatheredOutput: ~Copyable {
  /// So many places are written at a time; the system takes no more (IOV_MAX).
  private static let most = 1024
  /// Bytes of numbers among them.
  private static let mostDigits = 20 * most

  private let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: Self.most)
  private var count = 0
  private let digits = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.mostDigits)
  private var digitCount = 0
  private let write: (UnsafeMutableBufferPointer<iovec>) -> Void

  /// - Parameter write: writes bytes that lie at several places, and may change what says where.
  init(write: @escaping (UnsafeMutableBufferPointer<iovec>) -> Void) { self.write = write }

  deinit {
    vectors.deallocate()
    digits.deallocate()
  }

  /// Adds `length` bytes, which must stay at `base` until `flush`.
  mutating func append(_ base: UnsafeMutableRawPointer, _ length: Int) {
    guard length > 0 else { return }
    if count > 0, vectors[count - 1].iov_base == base - vectors[count - 1].iov_len {
      vectors[count - 1].iov_len += length
      return
    }
    if count == Self.most { flush() }
    vectors[count] = iovec(iov_base: base, iov_len: length)
    count += 1
  }

  /// Adds `value` in decimal.
  mutating func append(decimal value: UInt64) {
    if count == Self.most || digitCount + 20 > Self.mostDigits { flush() }
    var length = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      length += 1
    }
    rest = value
    for place in stride(from: length - 1, through: 0, by: -1) {
      digits[digitCount + place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    append(UnsafeMutableRawPointer(digits + digitCount), length)
    digitCount += length
  }

  /// Writes all.
  mutating func flush() {
    if count > 0 { write(UnsafeMutableBufferPointer(rebasing: vectors[..<count])) }
    count = 0
    digitCount = 0
  }
}
