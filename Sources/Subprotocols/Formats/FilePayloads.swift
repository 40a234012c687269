import Bytes

/// Messages that are a file of a known format: they begin with its bytes.
protocol FilePayload: PayloadView {
  /// Which formats.
  static var family: FileFormat.Family { get }
}

extension FilePayload {
  /// What is shown of them.
  fileprivate static func describe(_ title: String, _ more: [ViewField] = []) -> ViewDescription {
    ViewDescription(
      family.rawValue, title, specification: "its first bytes",
      fields: [ViewField("format", .string, "the format, by the usual ending of its files")] + more)
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, let format = FileFormat(startingWith: content), format.family == family else { return 0 }
    // Three bytes are in one of sixteen million messages that hold anything.
    return format == .jpeg || format == .mp3 ? 0.95 : 1
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard let format = FileFormat(startingWith: content), format.family == Self.family else { return .foreign }
    view.text("format", format.rawValue)
    view.say(Self.description.title)
    view.say(format.rawValue)
    if let size = PictureSize(content, format) {
      view.integer("width", size.width)
      view.integer("height", size.height)
      view.say("\(size.width)×\(size.height)")
    }
    return .shown
  }
}

/// A message that is a picture.
final class ImagePayload: FilePayload {
  static let family = FileFormat.Family.image
  static let description = describe(
    "image",
    [
      ViewField("width", .number, "width in pixels, where the first bytes tell"),
      ViewField("height", .number, "height in pixels"),
    ])
  init(_ context: ViewContext) {}
}

/// A message that is sound.
final class AudioPayload: FilePayload {
  static let family = FileFormat.Family.audio
  static let description = describe("audio")
  init(_ context: ViewContext) {}
}

/// A message that is a moving picture, or a segment of one.
final class VideoPayload: FilePayload {
  static let family = FileFormat.Family.video
  static let description = describe("video")
  init(_ context: ViewContext) {}
}

/// A message that is a document.
final class DocumentPayload: FilePayload {
  static let family = FileFormat.Family.document
  static let description = describe("document")
  init(_ context: ViewContext) {}
}

/// A message that is an archive, or compressed, but for gzip, which has a view of its own.
final class ArchivePayload: FilePayload {
  static let family = FileFormat.Family.archive
  static let description = describe("archive")
  init(_ context: ViewContext) {}
}

/// A message that is another file: a program for WebAssembly, a database, a table, a capture.
final class OtherFilePayload: FilePayload {
  static let family = FileFormat.Family.file
  static let description = describe("file")
  init(_ context: ViewContext) {}
}
