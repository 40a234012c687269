// The list of messages, and what filters it.

let messageList;
/** Rows before the filter. */
const allRows = () => state.connection ? state.connection.rows : report.rows;
/** The pattern whose matches are marked. */
let marks = null;

const kindLabels = { text: "text", binary: "binary", ping: "ping", pong: "pong", close: "close", continuation: "cont." };
const arrows = ["↑", "↓"];

/** Time that rows are told from: the handshake of the connection, or the first row. */
const zero = (row) => state.connection ? state.connection.start : report.rows[0]?.time ?? row.time;

function messageRow(row, i) {
  const previous = messageList.items[i - 1];
  const isNote = row.kind === "note", level = row.faults.reduce((most, one) => Math.max(most, severities.indexOf(one.severity) + 1), 0);
  const side = row.sender >= 0 ? senders[row.sender] : "nobody";
  const label = isNote ? row.record.severity : kindLabels[row.kind] ?? row.kind.replace("reserved-", "op ");
  return el("div", { class: `row ${side} ${isNote ? "note" : row.kind} level-${level}` },
    cell("conn", row.connection ? `#${row.connection.number}` : ""),
    cell("way", el("span", { title: side === "nobody" ? "" : `from the ${side}` }, arrows[row.sender] ?? "•")),
    cell("kind", el("span", { class: "kind-label" }, label)),
    cell("data", level > 0 && !isNote ? el("span", { class: "warn-sign", title: plain(row.faults.map((one) => one.message).join("\n")) }, "⚠ ") : null, preview(row)),
    cell("size", isNote ? "" : lengthOf(row)),
    cell("time", seconds(row.time - zero(row))),
    cell("delta", previous ? `+${seconds(row.time - previous.time)}` : ""));
}

const cell = (name, ...children) => el("div", { class: name, role: "gridcell" }, ...children);

/** The length as a number of bytes; unknown where the capture lacks what would tell. */
const lengthOf = (row) => row.isMessage && !(row.flags & flag.lengthKnown) ? "?" : size(row.length);

/** The beginning of a row's content, or what surrounds the first match in it. */
function preview(row, most = 300) {
  if (row.kind === "note") return el("span", {}, el("code", {}, row.record.code), " ", visible(row.record.message));
  const isWhole = row.flags & flag.complete ? null : el("span", { class: "dim" }, " (incomplete)");
  const line = linePreview(row, most);
  if (line !== null) return [line, isWhole];
  if (row.block === -1) return el("span", { class: "dim" }, "payload left out of the report");
  if (row.block === -2) return el("span", { class: "dim" }, "a frame of a message that is not in the report", isWhole);
  const bytes = payloads.now(row);
  if (!bytes) return el("span", { class: "dim" }, "…");
  if (row.kind === "close") {
    const said = closeReason(bytes);
    const reason = said.reason && ["“", el("span", { class: "said" }, visibleWithMarks(said.reason, marks)), "”"];
    return [el("span", {}, closeWords(said.code), " "), reason, isWhole];
  }
  if (bytes.length === 0) return el("span", { class: "dim" }, row.unknown.length > 0 ? "content unknown" : "empty", isWhole);
  if (row.opcode !== 1 && !(row.opcode > 8 && looksLikeText(bytes))) return [binaryPreview(bytes), isWhole];
  return [el("span", { class: "said" }, textPreview(row, bytes, most)), isWhole];
}

function textPreview(row, bytes, most) {
  let start = 0;
  if (marks && bytes.length > most && row.unknown.length === 0) {
    const found = decode(bytes).search(marks);
    if (found > 60) start = new TextEncoder().encode(decode(bytes).slice(0, found - 30)).length;
  }
  let end = Math.min(bytes.length, start + most);
  while (end > start && end < bytes.length && (bytes[end] & 0xC0) === 0x80) end -= 1;
  const fragment = document.createDocumentFragment();
  if (start > 0) fragment.append("…");
  if (row.unknown.length > 0) fragment.append(...contentText(bytes.subarray(0, end), row.unknown.filter(([from]) => from < end), false));
  else fragment.append(visibleWithMarks(decode(bytes.subarray(start, end)), marks));
  if (end < bytes.length) fragment.append("…");
  return fragment;
}

function binaryPreview(bytes) {
  const some = bytes.subarray(0, 24);
  const digits = Array.from(some, (byte) => hex(byte, 2)).join(" ") + (bytes.length > 24 ? " …" : "");
  return el("span", { class: "bytes" }, digits, el("span", { class: "ascii" }, `  ${ascii(some)}`));
}

const ascii = (bytes) => Array.from(bytes, (byte) => byte >= 0x20 && byte < 0x7F ? String.fromCharCode(byte) : "·").join("");

function looksLikeText(bytes) {
  const text = decode(bytes);
  return !/[\u0000-\u0008\u000E-\u001F\u007F-\u009F\u{10FF80}-\u{10FFFF}]/u.test(text);
}

// MARK: The filter

function toggle(title, label, isOn, change) {
  const button = el("button", { type: "button", class: "toggle", title, "aria-pressed": String(isOn()) }, label);
  button.addEventListener("click", () => { change(); button.setAttribute("aria-pressed", String(isOn())); refilter(); });
  button.update = () => button.setAttribute("aria-pressed", String(isOn()));
  return button;
}

function startFilter() {
  const box = el("input", {
    id: "filter", type: "search", placeholder: "Filter: text, or hex:0a ff", "aria-label": "Filter messages",
    spellcheck: "false", autocomplete: "off",
  });
  box.addEventListener("input", () => { filter.text = box.value; refilter(); writeAddress(); });
  const regex = toggle("Regular expression", ".*", () => filter.isRegex, () => { filter.isRegex = !filter.isRegex; });
  const way = (name, title, label) => toggle(title, label, () => filter.direction === name, () => {
    filter.direction = name;
    for (const button of ways) button.update();
  });
  const ways = [way("both", "Both directions", "↑↓"), way("client", "From the client", "↑"), way("server", "From the server", "↓")];
  const kinds = [["text", "Text"], ["binary", "Binary"], ["control", "Control"], ["other", "Other"]].map(([kind, label]) =>
    toggle(kind === "control" ? "Ping, pong and close (c)" : kind === "other" ? "Remarks, gaps and reserved opcodes" : `${label} messages`, label,
      () => !filter.hides.has(kind), () => { if (!filter.hides.delete(kind)) filter.hides.add(kind); }));
  kinds[2].id = "control";
  fill(byId("filters"), box, el("div", { class: "group" }, regex,
    toggle("Match case", "Aa", () => filter.matchesCase, () => { filter.matchesCase = !filter.matchesCase; })),
    el("div", { class: "group" }, ways), el("div", { class: "group" }, kinds),
    toggle("Only messages with faults", "⚠", () => filter.faultsOnly, () => { filter.faultsOnly = !filter.faultsOnly; }),
    el("span", { id: "filter-error", class: "error", role: "alert" }));
  regex.id = "regex";
}

/** Sets the text of the filter, as an address does. */
function setFilterText(text, isRegex) {
  Object.assign(filter, { text, isRegex });
  byId("filter").value = text;
  byId("regex").update();
  refilter();
}

function clearFilter() {
  Object.assign(filter, { text: "", direction: "both", faultsOnly: false });
  filter.hides.clear();
  byId("filter").value = "";
  for (const button of byId("filters").querySelectorAll("button")) button.update();
  refilter();
  writeAddress();
}

function refilter() {
  marks = pattern();
  fill(byId("filter-error"), filter.error ? visible(filter.error) : "");
  byId("filter").toggleAttribute("aria-invalid", filter.error !== null);
  if (filter.error) return;
  const rows = allRows();
  runFilter(rows, (found, part) => {
    messageList.set(found, state.row ?? undefined);
    messageList.reveal();
    fill(byId("count"), ...countWords(found, rows, part));
    drawTimeline();
  });
}

function countWords(found, rows, part) {
  const words = rows.length === 0 ? emptyWords() : found.length === 0 && part === 1 ? "Nothing passes the filter." : "";
  fill(byId("nothing"), words);
  byId("nothing").hidden = words === "";
  document.body.classList.toggle("bare", rows.length === 0);
  if (rows.length === 0) return [];
  if (!isFiltering()) return [`${count(rows.length, "row")}`];
  const clear = el("button", { type: "button", class: "small", onclick: clearFilter }, "Clear filter (Esc)");
  const all = state.connection && report.connections.size > 1 && filter.text !== ""
    ? el("button", { type: "button", class: "small", onclick: () => selectConnection(null) }, "Look in all connections") : null;
  return [`${group(found.length)} of ${count(rows.length, "row")}${part < 1 ? `, looking: ${Math.floor(part * 100)} %` : ""} `, clear, " ", all]
    .filter((child) => child !== null);
}

function emptyWords() {
  const one = state.connection;
  if (one?.outcome === "refused") return "No messages: the server refused the upgrade. See Handshake.";
  if (one?.outcome === "unanswered") return "No messages: the capture holds no answer to the request.";
  if (one) return "No messages on this connection.";
  const sum = report.summary, encrypted = sum?.tls ? sum.tls.connections - sum.tls.decrypted : 0;
  if (report.connections.size > 0 || !sum) return "No messages in this report.";
  return `No WebSocket connection was found in ${count(sum.packets, "packet")} and ${count(sum.tcp_connections, "TCP connection")}.`
    + (encrypted > 0 ? ` ${count(encrypted, "TLS connection")} could not be decrypted: any of them may carry one (--keylog).` : "");
}

function startMessages() {
  messageList = new VirtualList(byId("messages"), {
    role: "row", draw: messageRow, onSelect: selectRow, onOpen: (row) => { selectRow(row); document.body.classList.add("reads"); },
  });
  messageList.onShow = () => drawTimeline();
  const titles = ["#", "", "Kind", "Data", "Size", "Time (s)", "Since (s)"];
  fill(byId("columns"), ["conn", "way", "kind", "data", "size", "time", "delta"].map((name, i) => cell(name, titles[i])));
  startFilter();
  const show = () => {
    byId("panel-messages").classList.toggle("all", state.connection === null);
    byId("messages").scrollTop = 0;
    refilter();
  };
  onChange("connection", show);
  onChange("row", () => {
    messageList.partners = new Set(partners(state.row));
    const i = state.row ? messageList.items.indexOf(state.row) : -1;
    if (i >= 0) messageList.select(i, false);
    else { messageList.selected = -1; messageList.show(); }
    drawTimeline();
  });
  payloads.onLoad = drawing(() => messageList.refresh());
  show();
}
