import Bytes
import CCrypto

/// What the certificate of a server says of whom it is for.
public struct ServerCertificate: Equatable, Sendable {
  /// Its subject, as in RFC 2253: `CN=example.org,O=Example`; empty if it has none.
  public var subject: String
  /// The DNS names of its subjectAltName (RFC 5280 §4.2.1.6), 100 at most.
  public var names: [String]

  private static let mostNames = 100

  /// XN_FLAG_RFC2253 of libcrypto, but that what is not ASCII comes as UTF-8.
  private static let nameFlags = [
    ASN1_STRFLGS_ESC_2253, ASN1_STRFLGS_ESC_CTRL, ASN1_STRFLGS_UTF8_CONVERT, ASN1_STRFLGS_DUMP_UNKNOWN,
    ASN1_STRFLGS_DUMP_DER, XN_FLAG_SEP_COMMA_PLUS, XN_FLAG_DN_REV, XN_FLAG_DUMP_UNKNOWN_FIELDS,
  ].reduce(0) { $0 | UInt($1) }

  /// Reads a Certificate message, header included (RFC 8446 §4.4.2, RFC 5246 §7.4.2): the first certificate is the server's.
  init?(_ message: [UInt8], _ version: TLSVersion) {
    let bytes = message.span.bytes
    var cursor = MessageCursor(4..<message.count)
    if version >= .tls13 { guard cursor.vector8(bytes) != nil else { return nil } }
    guard let list = cursor.vector24(bytes) else { return nil }
    var entries = MessageCursor(list)
    guard let first = entries.vector24(bytes) else { return nil }
    self.init(der: bytes.extracting(first))
  }

  /// Reads a certificate in DER; nil if it is none.
  init?(der: RawSpan) {
    let parsed: OpaquePointer? = der.withUnsafeBytes { bytes in
      var start = bytes.bindMemory(to: UInt8.self).baseAddress
      return d2i_X509(nil, &start, bytes.count)
    }
    defer { ERR_clear_error() }
    guard let parsed else { return nil }
    defer { X509_free(parsed) }
    subject = Self.subject(parsed)
    names = Self.names(parsed)
  }

  private static func subject(_ certificate: OpaquePointer) -> String {
    guard let output = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(output) }
    guard X509_NAME_print_ex(output, X509_get_subject_name(certificate), 0, nameFlags) >= 0 else { return "" }
    var text: UnsafeMutablePointer<CChar>?
    let count = BIO_ctrl(output, BIO_CTRL_INFO, 0, &text)
    guard let text, count > 0 else { return "" }
    let bytes = UnsafeRawBufferPointer(start: text, count: min(count, 4096))
    return LosslessText.string(Array(bytes))
  }

  private static func names(_ certificate: OpaquePointer) -> [String] {
    guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let stack = OpaquePointer(list)
    defer { GENERAL_NAMES_free(stack) }
    var names: [String] = []
    for i in 0..<OPENSSL_sk_num(stack) where names.count < mostNames {
      guard let entry = OPENSSL_sk_value(stack, i) else { continue }
      var type: Int32 = 0
      guard let value = GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &type),
        type == GEN_DNS
      else { continue }
      let string = value.assumingMemoryBound(to: ASN1_STRING.self)
      guard let start = ASN1_STRING_get0_data(string) else { continue }
      let bytes = UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string)))
      names.append(LosslessText.string(Array(bytes)))
    }
    return names
  }
}
