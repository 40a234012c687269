import Subprotocols

/// The options about what messages mean.
extension OptionTable {
  static let meaning = [
    Option(
      name: "view", argument: .init(name: "NAME", values: .one(of: views)), defaultText: "what is recognised",
      group: .output,
      summary: "read messages as NAME",
      details: """
        Read the messages of all connections as those of this subprotocol, or as payloads of this kind. By default, the \
        subprotocol that the handshake agreed on counts, then what the URL says, then what the messages look like. See \
        docs/views.md.
        """,
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.views.forced = try given.name(among: views)
      }),
    Option(
      name: "no-view", group: .output,
      summary: "do not say what messages mean",
      details: "Show messages as they are, and do not look for subprotocols.",
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.views.isOn = false
      }),
  ]

  private static let views = PayloadViews.all.map { view in
    let description = view.description
    let hasSpecification = description.specification != description.title
    return Choice(
      name: description.name,
      summary: hasSpecification ? "\(description.title) (\(description.specification))" : description.title)
  }
}
