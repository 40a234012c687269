// The pane of the selected message.

/** A list of facts: names and values; without a value one is left out. */
function facts(entries) {
  return el("dl", { class: "facts" }, entries.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) =>
    [el("dt", {}, name), el("dd", {}, typeof value === "string" ? visible(value) : value)]));
}

function packetWords(row) {
  const [first, last] = row.packets;
  if (first === null) return null;
  const file = (i) => row.files && report.capture?.files.length > 1 ? ` of ${report.capture.files[row.files[i]]?.path ?? "?"}` : "";
  return first === last && file(0) === file(1) ? `${group(first)}${file(0)}` : `${group(first)}${file(0)} to ${group(last)}${file(1)}`;
}

function startDetail() {
  onChange("row", showDetail);
}

async function showDetail() {
  const row = state.row, pane = byId("detail");
  pane.hidden = !row;
  document.body.classList.toggle("reads", row !== null);
  if (!row) return fill(pane);
  const bytes = payloads.now(row) ?? await payloads.of(row);
  const meaning = row.view && (payloads.now(row.view) ?? await payloads.of(row.view));
  if (row !== state.row) return;
  const views = row.kind === "note" ? [] : viewsOf(row, bytes);
  const tree = meaning && viewTree(row, meaning);
  if (tree) views.unshift(["Meaning", () => jsonTree(tree)]);
  const place = el("div", { class: "content scrolls", tabindex: "0", role: "tabpanel", "aria-label": "Content" });
  const chosen = views.find(([name]) => name === state.view) ?? views[0];
  const tabs = el("div", { class: "tabs views", role: "tablist", "aria-label": "How the content is shown" }, views.map(([name, make]) => {
    const tab = el("button", { type: "button", role: "tab", "aria-selected": String(name === chosen[0]), "data-view": name }, name);
    tab.addEventListener("click", () => {
      state.view = name;
      for (const other of tabs.querySelectorAll("[role=tab]")) other.setAttribute("aria-selected", String(other === tab));
      fill(place, make());
      place.scrollTop = 0;
    });
    return tab;
  }));
  if (chosen) fill(place, chosen[1]());
  if (bytes && bytes.length > 0) tabs.append(el("span", { class: "push" }), copyButton(row, bytes), saveButton(row, bytes));
  fill(pane, detailHead(row), remarks(row), views.length > 0 ? [tabs, place] : null);
}

function detailHead(row) {
  const side = senders[row.sender];
  const name = row.kind === "note" ? "Remark" : row.isMessage ? `Message ${group(row.number)}` : `Frame ${group(row.number)}`;
  const close = el("button", { type: "button", class: "icon", "aria-label": "Close", title: "Close (Esc)", onclick: () => selectRow(null) }, "✕");
  const step = (by, sign, title) => el("button", { type: "button", class: "icon", "aria-label": title, title, onclick: () => messageList.move(by) }, sign);
  const compression = row.isMessage && row.flags & flag.compressed ? `${group(row.wire)} compressed${Number(row.length) > 0 ? `, ${(Number(row.wire) / Number(row.length) * 100).toFixed(0)} %` : ""}` : null;
  return el("div", { class: "detail-head" },
    el("div", { class: "line" },
      el("h3", {}, name, row.connection && report.connections.size > 1 ? el("span", { class: "dim" }, ` of #${row.connection.number}`) : null),
      row.kind !== "note" && el("span", { class: `tag ${side}` }, `${arrows[row.sender]} ${side}`), row.kind !== "note" && el("span", { class: "tag" }, row.kind), viewTags(row),
      el("span", { class: "push" }), step(-1, "▲", "Previous (k)"), step(1, "▼", "Next (j)"), close),
    facts([
      ["Time", clock(row.time)],
      ["Took", row.lasts > 0 ? `${duration(row.lasts)} from first to last byte` : null],
      ["Length", row.kind === "note" ? null : row.isMessage && !(row.flags & flag.lengthKnown) ? "not known" : count(row.length, "byte") + (compression ? ` (${compression})` : "")],
      ["Frames", row.isMessage && row.frameCount !== 1 ? `${group(row.frameCount)}, ${group(row.firstFrame)} to ${group(row.lastFrame)}` : null],
      ["Packets", packetWords(row)],
      ...pairFacts(row),
      ["Inferred", row.confidence === null ? null : `with a confidence of ${row.confidence}`],
    ]));
}

/** What is wrong with the message, or missing. */
function remarks(row) {
  const lines = row.faults.map((one) => diagnosticLine(one));
  const say = (text) => lines.push(el("p", { class: "remark level-1" }, text));
  if (row.kind !== "note" && !(row.flags & flag.complete)) say("Not all of it was captured.");
  if (row.flags & flag.truncated) say(`Cut after ${count(row.stored, "byte")} when the report was made; --max-payload says where.`);
  if (row.block === -1) say("The report had no room for this payload.");
  if (row.view?.block === -1) say("The report had no room for what it means.");
  return lines.length === 0 ? null : el("div", { class: "remarks" }, lines);
}

/** The ways in which a content can be shown, the best first: names, and what makes them. */
function viewsOf(row, bytes) {
  const frames = ["Frames", () => framesView(row)];
  if (!bytes) return [frames];
  const hexView = ["Hex", () => bytes.length === 0 && row.unknown.length === 0 ? nothing() : hexDump(bytes, row.unknown, byId("detail").clientWidth < 600 ? 8 : 16)];
  if (row.kind === "close") return [["Close", () => closeView(bytes)], frames, hexView];
  const text = decode(bytes), isText = row.opcode === 1 || looksLikeText(bytes);
  const textView = ["Text", () => bytes.length === 0 && row.unknown.length === 0 ? nothing() : textPane(row, bytes)];
  const node = isText && row.unknown.length === 0 && /^\s*[[{]/.test(text) ? readJSON(text) : null;
  const views = isText ? [textView, hexView, frames] : [hexView, textView, frames];
  if (node) views.unshift(["JSON", () => jsonTree(node)]);
  return views;
}

const nothing = () => el("p", { class: "dim" }, "Empty.");

/** Bytes of a text that are shown before more are asked for. */
const textAtOnce = 65_536;

function textPane(row, bytes) {
  if (bytes.length <= textAtOnce) return el("pre", { class: "text" }, contentText(bytes, row.unknown));
  let end = textAtOnce;
  while (end > textAtOnce - 4 && (bytes[end] & 0xC0) === 0x80) end -= 1;  // between characters
  const pane = el("pre", { class: "text" }, contentText(bytes.subarray(0, end), row.unknown));
  const more = el("button", { type: "button", class: "small" }, `Show all ${size(bytes.length)}`);
  more.addEventListener("click", () => { fill(pane, contentText(bytes, row.unknown)); more.remove(); });
  return el("div", {}, pane, more);
}

function closeView(bytes) {
  const said = closeReason(bytes);
  return facts([["Code", said.code === null ? "none" : closeWords(said.code)], ["Reason", said.reason === "" ? "none" : said.reason]]);
}

function copyButton(row, bytes) {
  const button = el("button", { type: "button", class: "small" }, "Copy");
  button.addEventListener("click", () => copy(row.opcode === 1 || looksLikeText(bytes) ? decode(bytes) : Array.from(bytes, (byte) => hex(byte, 2)).join(" "), button));
  return button;
}

const saveButton = (row, bytes) => el("button", {
  type: "button", class: "small", title: "Save the payload as a file",
  onclick: () => save(bytes, `connection-${row.connection.number}-${row.isMessage ? "message" : "frame"}-${row.number}.${row.opcode === 1 ? "txt" : "bin"}`),
}, "Save");
