/// The version of wstap, as `--version` and the `capture` record give it.
public enum Version {
  /// Semantic version.
  public static let current = "0.1.0"
}
