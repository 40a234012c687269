"""All scenarios, in the order in which they are played."""

from scenarios import archives, hostile, looks, many, samples, use, views

SCENARIOS = [
    use.opens, use.selects, use.filters, use.finds_neighbours, use.searches_all, use.keys, use.addresses, use.timeline, use.handshake,
    samples.every_sample, samples.only_frames, samples.selected, samples.cut_short, samples.interrupted, samples.old_browser,
    views.lines, views.trees, views.replies, views.many_replies, views.hundred_thousand_calls,
    hostile.payloads, hostile.views, hostile.huge, hostile.heads, hostile.hidden_characters, hostile.policy,
    many.hundred_thousand, many.many_connections,
    archives.every_sample_imported, archives.frames_imported, archives.hostile_archive, archives.large_archive,
    looks.colours, looks.contrast, looks.names, looks.small, looks.print_style, looks.odd,
]
