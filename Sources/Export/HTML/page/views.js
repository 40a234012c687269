// What messages mean: their line in the list, the tree of their view, and what replies to what.

/** The view of a message, as the report holds it; null without one. */
function readView(f) {
  if (!f) return null;
  const [name, block, at, line, object, confidence = null, replies = [], carried = [], replyCount = replies.length] = f;
  return { names: [name, ...carried], block, at, line, stored: line + object, confidence, replies, replyCount };
}

/** What is to be said of a message: bytes of its view's line; null without one, undefined while they are unpacked. */
function lineBytes(row) {
  const view = row.view;
  if (!view || view.line === 0 || view.block < 0) return null;
  return payloads.now(view)?.subarray(0, view.line);
}

/** Names of protocols that are more than a word. */
const longNames = ["Action Cable", "Protocol Buffers", "zlib stream"];

/** How long the protocol's name is that a line begins with. */
function nameLength(line) {
  const name = longNames.find((name) => `${line} `.startsWith(`${name} `) || line.startsWith(`${name}?`));
  return name ? name.length + (line[name.length] === "?" ? 1 : 0) : `${line} `.indexOf(" ");
}

/** The line as it is shown: a question mark behind the protocol's name says that it is inferred. */
function shownLine(row, line) {
  return row.view.confidence === null ? line : `${line.slice(0, nameLength(line))}?${line.slice(nameLength(line))}`;
}

/** The line for the list; null if there is none, or if what is looked for is not in it. */
function linePreview(row, most) {
  const bytes = lineBytes(row);
  if (bytes === undefined) return "…";
  if (bytes === null) return null;
  if (marks) {
    const line = shownLine(row, decode(bytes));
    if (!marks.test(line)) return null;
    const found = line.search(marks), start = found > 60 && line.length > most ? found - 30 : 0;
    // No half of a character at the ends.
    const shown = line.slice(start, start + most).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "");
    return el("span", { class: "said" }, start > 0 ? "…" : "", visibleWithMarks(shown, marks), start + most < line.length ? "…" : "");
  }
  let end = Math.min(bytes.length, most);
  while (end > 0 && end < bytes.length && (bytes[end] & 0xC0) === 0x80) end -= 1;
  const line = shownLine(row, decode(bytes.subarray(0, end))), name = nameLength(line);
  return el("span", { class: "said" }, el("span", { class: "protocol" }, visible(line.slice(0, name))), visible(line.slice(name)), end < bytes.length ? "…" : "");
}

/** The names of a view, and how sure it is. */
function viewTags(row) {
  const view = row.view;
  if (!view) return null;
  const title = view.confidence === null ? "what it means" : `told by what messages look like, ${view.confidence} % sure`;
  return el("span", { class: "tag view", title }, visible(view.names.join(" › ")), view.confidence === null ? "" : "?");
}

// MARK: Requests and replies

/** Joins replies to their requests, and notes the names of views. */
function linkReplies(one) {
  one.views = new Set();
  for (const row of one.messages.values()) {
    for (const name of row.view?.names ?? []) one.views.add(name);
    for (const reply of row.view?.replies ?? []) {
      const [number] = reply, request = one.messages.get(number);
      if (!request || request === row) continue;
      (request.answers ??= []).push([row, reply]);
    }
  }
}

/** The messages that a row replies to, and those that reply to it. */
const partners = (row) => [
  ...(row?.view?.replies ?? []).map(([number]) => row.connection.messages.get(number)).filter((other) => other && other !== row),
  ...(row?.answers ?? []).map(([other]) => other),
];

/** Links that are shown before the rest is counted. */
const linksAtOnce = 10;

/** Shows a message, also where the filter hides it. */
function goTo(row) {
  if (!messageList.items.includes(row)) clearFilter();
  selectRow(row);
}

const messageLink = (row, text = `Message ${group(row.number)}`) => el("button", { type: "button", class: "link", onclick: () => goTo(row) }, text);

/** The other end of a reply: a link, what was asked for, and how long it took. */
function replyLink(number, row, [, latency, isError, label], isLabelled) {
  return el("div", {},
    row ? messageLink(row) : el("span", {}, `Message ${group(number)}, which is not in this report`),
    isLabelled && label !== "" ? el("span", { class: "mono" }, " ", visible(label)) : "",
    latency === null ? "" : el("span", { class: "dim" }, `, ${isLabelled ? "" : "after "}${duration(latency)}${isLabelled ? " before" : ""}`),
    isError ? el("span", { class: "failed" }, isLabelled ? ", which failed" : ", an error") : "");
}

function someLinks(links, all) {
  return links.length === 0 ? null : [links, all > links.length ? el("div", { class: "dim" }, `and ${group(all - links.length)} more`) : null].flat();
}

/** Facts of what a row replies to, and of what replies to it. */
function pairFacts(row) {
  const replies = row.view?.replies ?? [], answers = row.answers ?? [];
  const asked = replies.slice(0, linksAtOnce).map((reply) => replyLink(reply[0], row.connection.messages.get(reply[0]), reply, true));
  const answered = answers.slice(0, linksAtOnce).map(([other, reply]) => replyLink(other.number, other, reply, false));
  return [["Replies to", someLinks(asked, row.view?.replyCount ?? 0)], [answers.length > 1 ? "Replies" : "Reply", someLinks(answered, answers.length)]];
}

/** Shows the first reply of the selected message or, of a reply, its request. */
function goToPartner() {
  const [partner] = partners(state.row);
  if (partner) goTo(partner);
}

// MARK: The tree

/** The tree of a view, in which numbers of messages lead there; null if it says no more than its name. */
function viewTree(row, bytes) {
  const view = row.view;
  if (!bytes || view.stored === view.line) return null;
  const node = readJSON(decode(bytes.subarray(view.line)));
  if (!node) return null;
  lead(node, row.connection.messages);
  return node;
}

function lead(node, messages) {
  for (const [key, child] of node.entries ?? []) {
    if ((key === "reply_to" || key === "first_message") && child.type === "number") child.leadsTo = messages.get(Number(child.text));
    else if (key === "carries") lead(child, messages);
    else if (key === "more" && child.type === "array") for (const [, unit] of child.entries) lead(unit, messages);
  }
}
