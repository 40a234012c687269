import Analysis
import WebSocket

/// How a payload is shown.
enum TextContent {
  /// As text, whatever it holds.
  case text
  /// As text in quotes if nothing in it needs an escape; else as bytes.
  case textIfPrintable
  /// As bytes.
  case bytes
}

/// What continuation frames continue, as far as the frames told.
struct FragmentKinds {
  private var kinds: [UInt64: InlineArray<2, TextContent>] = [:]
  /// Connections that are kept; about 3 MB.
  private static let most = 65_536

  /// How the payload of a data frame is to be shown.
  mutating func content(of header: FrameHeader, _ connection: UInt64, _ sender: Sender) -> TextContent {
    let i = Int(sender.rawValue)
    if header.opcode == .continuation { return kinds[connection]?[i] ?? .textIfPrintable }
    let content: TextContent = header.opcode == .text && !header.rsv1 ? .text : .bytes
    if !header.isFinal {
      if kinds.count > Self.most { kinds.removeAll() }
      kinds[connection, default: [.textIfPrintable, .textIfPrintable]][i] = content
    }
    return content
  }

  mutating func forget(_ connection: UInt64) { kinds.removeValue(forKey: connection) }
}
