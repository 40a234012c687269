import Analysis
import Bytes
import Filter

/// Which records are shown, besides their types and connections.
struct SelectionSettings: Equatable, Sendable {
  /// The display filter; nil: none.
  var filter: String?
  /// What payloads are searched for; nil: nothing.
  var search: String?
  /// Whether upper and lower case are the same there.
  var ignoresCase = false
  /// How many neighbours of a record are shown as well, before it and behind it; nil: none.
  var context: Int?
  /// Who must have sent it; nil: either.
  var sender: SenderChoice?
  /// When it must have begun at the earliest and at the latest.
  var from: TimeBound?
  var until: TimeBound?
  /// Whether control frames are left out.
  var hidesControl = false

  /// Whether records are selected at all.
  var isActive: Bool {
    filter != nil || search != nil || sender != nil || from != nil || until != nil || hidesControl
  }

  /// The search, ready for use.
  var pattern: SearchPattern? { search.map { SearchPattern(LosslessText.bytes($0), ignoresCase: ignoresCase) } }
}

/// An end of a connection, as `--sender` names it.
enum SenderChoice: String, NamedChoice {
  case client, server

  var summary: String { self == .client ? "the end that asked for the upgrade" : "the end that answered" }
  /// The same in records.
  var sender: Sender { self == .client ? .client : .server }
}
