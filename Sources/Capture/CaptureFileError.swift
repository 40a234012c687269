/// Why a file cannot be read as a capture at all. Names no path: the caller knows it.
public enum CaptureFileError: Error, Equatable, Sendable {
  /// The file has no bytes.
  case empty
  /// The file begins as a capture does, and ends inside its first header.
  case headerCutOff
  /// The file is compressed, and its data ends, or is damaged, before a capture's first header is complete.
  case compressedDataCutOff
  /// The file is no pcap or pcapng capture; what it is instead, if its first bytes tell.
  case notACapture(looksLike: ForeignFormat?)
  /// A capture of a version that no known program writes.
  case unsupportedVersion(format: String, major: UInt16, minor: UInt16)

  /// What is wrong and what to do about it: one line, without a full stop, to stand after `PATH: `.
  public var message: String {
    switch self {
    case .empty:
      "the file is empty: nothing was captured, or the capture still runs"
    case .headerCutOff:
      "the file ends inside its first header: no packet was ever written to it"
    case .compressedDataCutOff:
      "the compressed data ends, or is damaged, before the first packet: copy or download the file again"
    case .notACapture(nil):
      "neither pcap nor pcapng; if Wireshark opens it, convert it with: editcap IN OUT.pcapng"
    case .notACapture(let format?):
      format.message
    case .unsupportedVersion(let format, let major, let minor):
      "\(format) version \(major).\(minor) is not supported; if Wireshark opens it, convert it with: editcap IN OUT.pcapng"
    }
  }
}

extension CaptureFileError: CustomStringConvertible {
  /// The same as `message`.
  public var description: String { message }
}
