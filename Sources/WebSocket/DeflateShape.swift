import Bytes
public enum DeflateShape {
  public enum Verdict { case message, damaged, prefix }
  public static func check(_ payload: RawSpan, isComplete: Bool) -> Verdict { .prefix }
}
