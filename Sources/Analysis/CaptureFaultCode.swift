import Capture

extension CaptureFault {
  /// The diagnostic that tells of this fault.
  public var code: DiagnosticCode {
    switch kind {
    case .cutOff, .compressionCutOff: .fileCut
    default: .fileDamaged
    }
  }
}
