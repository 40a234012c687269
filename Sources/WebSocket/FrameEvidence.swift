import Bytes

/// How strongly bytes speak for being WebSocket frames, in bits: log-likelihood ratios to base 2, against the three other
/// explanations that bytes of a TCP stream have.
struct Evidence: Equatable {
  /// Against bytes without a pattern: encrypted, compressed or binary data.
  var againstNoise: Float
  /// Against running text, in which text proves nothing, but bytes that break UTF-8 do.
  var againstText: Float
  /// Against another protocol of tags and lengths, or records of one size: there, headers land on each other as well.
  var againstTags: Float

  init(_ againstNoise: Float, _ againstText: Float, _ againstTags: Float = 0) {
    self.againstNoise = againstNoise
    self.againstText = againstText
    self.againstTags = againstTags
  }

  static let none = Evidence(0, 0)

  /// What holds against noise and against text, the two in which chance makes frames.
  var least: Float { min(againstNoise, againstText) }

  static func + (a: Evidence, b: Evidence) -> Evidence {
    Evidence(a.againstNoise + b.againstNoise, a.againstText + b.againstText, a.againstTags + b.againstTags)
  }
}

/// What is known about the meaning of RSV1 (RFC 7692 §6) in a stream that is searched for frames.
public enum CompressionKnowledge: Equatable, Sendable {
  /// No compression was agreed upon: RSV1 is never set.
  case none
  /// Compression was agreed upon; per frame with `deflate-frame`.
  case agreed(isPerFrame: Bool)
  /// The handshake was not seen.
  case unknown

  /// What is known where the handshake agreed upon `compression`.
  public init(_ compression: DirectionCompression?) {
    self = compression.map { .agreed(isPerFrame: $0.isPerFrame) } ?? .none
  }
}

/// Judges single frames as evidence. The weights are deliberately low: other protocols have lengths and types as well.
struct FrameJudge {
  let isMasked: Bool
  let compression: CompressionKnowledge

  /// Payload bytes that are looked at.
  private static let sample = 256
  /// Payload bytes that are looked at where they must be parsed as DEFLATE.
  private static let compressedSample = 4096
  /// The longest payload that is believed: 4 GiB.
  private static let longest: UInt64 = 1 << 32

  /// What makes RSV1 no fault on any data frame: `mayCompress` tells more.
  private static let anyCompression = DirectionCompression(
    isWithoutContextTakeover: false, windowBits: 15, isPerFrame: true)

  /// Whether the header keeps to all rules (RFC 6455 §5.2, §5.5).
  func allows(_ header: FrameHeader) -> Bool {
    guard header.payloadLength <= Self.longest, !header.rsv1 || mayCompress(header.opcode) else { return false }
    return header.faults(isFromClient: isMasked, compression: Self.anyCompression).isEmpty
  }

  private func mayCompress(_ opcode: Opcode) -> Bool {
    switch compression {
    case .none: false
    case .agreed(let isPerFrame): isPerFrame || opcode != .continuation
    case .unknown: opcode != .continuation
    }
  }

  /// Whether a header may begin with these bytes, all that there are of it.
  func mayBegin(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount > 0 else { return true }
    let second = bytes.byteCount > 1 ? bytes.u8(1) : isMasked ? 0x80 : 0
    let least: UInt64 =
      switch LengthForm(second) {
      case .seven: UInt64(second & 0x7F)
      case .sixteen: 126
      case .sixtyFour: 65_536
      }
    return allows(FrameHeader(firstByte: bytes.u8(0), secondByte: second, maskingKey: 0, payloadLength: least))
  }

  /// What the frame whose header lies at `offset` says for itself.
  ///
  /// - Parameters:
  ///   - payload: what is there of its payload, still masked.
  ///   - start: where the bytes before the header begin that were captured.
  ///   - effort: bytes that may still be parsed as DEFLATE in this search; those that are, are taken off.
  func evidence(
    _ header: FrameHeader, _ bytes: RawSpan, at offset: Int, payload: Range<Int>, from start: Int, effort: inout Int
  ) -> Evidence {
    if isMasked, isConstant(header) || hasKeyOfPairs(header) { return .none }
    let base = self.base(header)
    var evidence = Evidence(base, min(base, 2) + textBreak(bytes, at: offset, from: start))
    // Masking keys are unpredictable (§10.3), so that few are text; behind what only looks like a header, many are.
    if isMasked, hasKeyOfText(header) { evidence = evidence + Evidence(0, -5, -5) }
    // Six bytes or more of a length that is not absurd; in a continuation, whose first byte may be 0, that is less rare.
    if header.lengthForm == .sixtyFour {
      evidence = evidence + (header.opcode == .continuation ? Evidence(4, 4) : Evidence(24, 12, 8))
    }
    if header.opcode == .close { return evidence + closing(unmasked(bytes, payload, header), header) }
    if header.rsv1 { return evidence + compressed(bytes, payload, header, &effort) }
    if header.opcode == .continuation { return evidence + fragment(bytes, payload, header) }
    guard header.opcode == .text else { return evidence }
    // Most places that hold no text show it at once.
    let first = payload.lowerBound..<min(payload.upperBound, payload.lowerBound + 12)
    var validator = UTF8Validator()
    validator.append(unmasked(bytes, first, header).span.bytes)
    if validator.firstInvalid != nil { return evidence + Evidence(-30, -30, -30) }
    let content = unmasked(bytes, payload, header)
    return evidence + text(content, isWhole: UInt64(content.count) == header.payloadLength && header.isFinal)
  }

  /// A header by itself: an opcode that has a meaning, no reserved bits, the right MASK.
  func base(_ header: FrameHeader) -> Float {
    if header.opcode == .continuation { return header.isFinal ? 2 : isMasked ? 3 : 0 }  // zeros are everywhere
    if header.payloadLength == 0, !isMasked { return header.opcode.isControl ? 2 : 1 }
    return header.isFinal ? 5 : 2
  }

  /// Memory filled with one value looks like masked frames without end.
  private func isConstant(_ header: FrameHeader) -> Bool {
    let first = UInt32(header.firstByte)
    return header.firstByte == header.secondByte && header.maskingKey == first &* 0x0101_0101
  }

  /// Whether every other byte of the masking key looks like the first byte of a frame, as of one random key in 7,000: so do
  /// characters of two bytes (Shift_JIS has 0x82 before every letter of Hiragana), and wherever one lands is another.
  private func hasKeyOfPairs(_ header: FrameHeader) -> Bool {
    (0x81...0x83).contains(header.maskingKey >> 24) && (0x81...0x83).contains(header.maskingKey >> 8 & 0xFF)
  }

  /// Whether all four bytes of the masking key are printable ASCII, as of one random key in 53.
  private func hasKeyOfText(_ header: FrameHeader) -> Bool {
    (0..<4).allSatisfy { (0x20..<0x7F).contains(UInt8(truncatingIfNeeded: header.maskingKey >> (8 * $0))) }
  }

  /// Running text has no first byte of a frame by itself: only inside a character of several bytes.
  private func textBreak(_ bytes: RawSpan, at offset: Int, from start: Int) -> Float {
    let byte = bytes.u8(offset)
    guard byte >= 0x80 else { return byte < 0x20 ? 4 : 0 }
    if byte == 0xC1 { return 8 }
    if byte == 0xC2 { return offset + 1 < bytes.byteCount && bytes.u8(offset + 1) & 0xC0 != 0x80 ? 8 : 0 }
    for distance in 1...3 {
      guard offset - distance >= start else { return 0 }
      let before = bytes.u8(offset - distance)
      if before < 0x80 { return 8 }
      if before >= 0xC2 { return distance < (before < 0xE0 ? 2 : before < 0xF0 ? 3 : 4) ? 0 : 8 }
    }
    return 8
  }

  private func unmasked(_ bytes: RawSpan, _ payload: Range<Int>, _ header: FrameHeader, most: Int = sample) -> [UInt8] {
    var content: [UInt8] = []
    content.append(bytes.extracting(payload.lowerBound..<min(payload.upperBound, payload.lowerBound + most)))
    if header.isMasked { content.applyMask(from: 0, key: header.maskingKey) }
    return content
  }

  // MARK: Payload

  /// A text that is one (RFC 6455 §5.6).
  private func text(_ content: [UInt8], isWhole: Bool) -> Evidence {
    var validator = UTF8Validator()
    validator.append(content.span.bytes)
    guard validator.firstInvalid == nil, !isWhole || validator.isValid else { return Evidence(-30, -30, -30) }
    var printable = 0
    var controls = 0
    for byte in content {
      if byte >= 0x20 && byte != 0x7F || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        printable += 1
      } else {
        controls += 1
      }
    }
    // Unmasking text with a key of text gives text, too, now and then.
    let unmasking = isMasked ? min(0.4 * Float(printable), 10) : 0
    var evidence = Evidence(min(1.3 * Float(printable), 24), unmasking, isMasked ? unmasking : printable < 8 ? 0 : 1.5)
    let strangeness = 4 * Float(controls)
    evidence = evidence + Evidence(-strangeness, -strangeness, -strangeness)
    if let bits = jsonBits(content, isWhole: isWhole) { evidence = evidence + Evidence(bits, bits, bits / 2) }
    return evidence
  }

  /// A part of a message that may be a text; its ends may lie inside characters.
  private func fragment(_ bytes: RawSpan, _ payload: Range<Int>, _ header: FrameHeader) -> Evidence {
    // A zero, a letter and text: that is how strings stand in many files.
    guard payload.count >= 8, isMasked || header.isFinal else { return .none }
    let first = payload.lowerBound..<min(payload.upperBound, payload.lowerBound + 24)
    let text = text(unmasked(bytes, first, header), isWhole: false)
    return Evidence(max(min(text.againstNoise, 8), 0), max(min(text.againstText, 4), 0))
  }

  /// JSON begins and ends in few ways.
  private func jsonBits(_ content: [UInt8], isWhole: Bool) -> Float? {
    guard let first = content.first, let last = content.last, content.count >= 2 else { return nil }
    let closing: UInt8? =
      switch first {
      case UInt8(ascii: "{"): UInt8(ascii: "}")
      case UInt8(ascii: "["): UInt8(ascii: "]")
      case UInt8(ascii: "\""): UInt8(ascii: "\"")
      default: nil
      }
    guard let closing else { return nil }
    return isWhole && last == closing ? 8 : 3
  }

  /// A Close's body: empty, or a code and a reason (§5.5.1).
  private func closing(_ content: [UInt8], _ header: FrameHeader) -> Evidence {
    if header.payloadLength == 0 { return .none }
    guard content.count >= 2 else { return Evidence(header.payloadLength == 1 ? -30 : 0, 0, 0) }
    let reason = CloseReason(content.span.bytes)
    guard reason.code?.maySend == true else { return Evidence(-30, -30, -30) }
    guard !reason.reason.isEmpty else { return Evidence(4, 4, 4) }
    return Evidence(4, 4, 4) + text(reason.reason, isWhole: UInt64(content.count) == header.payloadLength)
  }

  /// A payload that can be parsed as DEFLATE as RFC 7692 §7.2.1 makes it.
  private func compressed(
    _ bytes: RawSpan, _ payload: Range<Int>, _ header: FrameHeader, _ effort: inout Int
  ) -> Evidence {
    guard effort > 0 else { return .none }
    let first = payload.lowerBound..<min(payload.upperBound, payload.lowerBound + 32)
    effort -= first.count
    if DeflateShape.check(unmasked(bytes, first, header).span.bytes, isComplete: false) == .damaged {
      return Evidence(-30, -30, -30)
    }
    let content = unmasked(bytes, payload, header, most: max(min(Self.compressedSample, effort), first.count))
    effort -= content.count
    let isWhole = header.isFinal && UInt64(content.count) == header.payloadLength
    switch DeflateShape.check(content.span.bytes, isComplete: isWhole) {
    case .damaged: return Evidence(-30, -30, -30)
    case .message: return content.count < 3 ? Evidence(2, 2) : Evidence(10, 10, 8)
    case .prefix:
      let bits = min(Float(content.count) / 16, 4)
      return Evidence(bits, bits)
    }
  }
}
