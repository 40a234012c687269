// The list of connections.

let connectionList;
const everything = { isAll: true };

/** How a connection ended, in a word or two, and whether that is as it should be. */
function ending(one) {
  if (one.outcome === "refused") return [`refused ${one.record.response?.status ?? ""}`.trim(), "bad"];
  if (one.outcome === "unanswered") return ["no answer", "unsure"];
  const end = one.end;
  if (!end) return ["end left out", "open"];
  const close = end.closed_first === "server" ? end.server_close ?? end.client_close : end.client_close ?? end.server_close;
  const code = close?.code ?? (close ? "no code" : null);
  switch (end.ended_by) {
    case "close-handshake": return [`closed ${code ?? ""}`.trim(), close?.code > 1001 || end.clean === false ? "bad" : "good"];
    case "fin": return [code === null ? "FIN" : `closed ${code}, FIN`, "bad"];
    case "rst": return [code === null ? "RST" : `closed ${code}, RST`, "bad"];
    case "replaced": return ["replaced", "unsure"];
    default: return ["still open", "open"];
  }
}

/** The address without its scheme; a connection without a handshake has none. */
const shortURL = (one) => one.record?.url ? one.record.url.replace(/^wss?:\/\//, "") : one.record ? "no handshake captured" : "handshake left out";

/** How long a connection lasted, in nanoseconds; null if that is not known. */
const lasted = (one) => one.end ? one.end.duration * 1e9 : null;

function connectionItem(one) {
  if (one.isAll) {
    return el("div", { class: "card all" },
      el("div", { class: "line" }, el("b", {}, "All connections"), faultBadge(report.diagnostics.length, 0)),
      el("div", { class: "line dim" }, `${count(report.messages, "message")} · ${count(report.connections.size, "connection")}`));
  }
  const [end, mood] = ending(one);
  const tally = one.end, messages = tally ? tally.client.messages + tally.server.messages : one.messages.size;
  const amount = tally ? tally.client.payload_bytes + tally.server.payload_bytes : one.bytes;
  const time = lasted(one);
  const facts = [`${group(messages)} msg`, size(amount), time === null ? null : duration(time), one.record?.subprotocol];
  return el("div", { class: "card", title: plain(`${one.record?.url ?? ""}\n${one.end?.explanation ?? end}`).trim().replaceAll("\\n", "\n") },
    el("div", { class: "line" },
      el("span", { class: "number" }, `#${one.number}`),
      el("b", { class: one.record?.url ? "url" : "url dim" }, visible(shortURL(one))),
      one.record?.scheme === "wss" && el("span", { class: "tag" }, "wss"),
      faultBadge(one.diagnostics.length, one.worst)),
    el("div", { class: "line dim mono" }, `${one.client} → ${one.server}`),
    el("div", { class: "line dim" },
      el("span", { class: `mood ${mood}` }, end),
      el("span", { class: "rest" }, visible(facts.filter((fact) => fact !== null && fact !== undefined).join(" · ")))));
}

/** The number of diagnostics, in the colour of the worst (0: not told, 1 note, 2 warning, 3 error). */
function faultBadge(number, worst) {
  if (number === 0) return null;
  const level = worst || Math.max(...report.diagnostics.map((record) => severities.indexOf(record.severity) + 1), 1);
  return el("span", { class: `badge level-${level}`, title: `${count(number, "diagnostic")}, the worst: ${severities[level - 1]}` }, group(number));
}

/** Orders of the list: titles, and what the connections with more of it come first by. */
const orders = [
  ["by time", (one) => -one.number], ["messages", (one) => one.messages.size], ["bytes", (one) => one.bytes],
  ["duration", (one) => lasted(one) ?? -1], ["faults", (one) => one.worst * 1e6 + one.diagnostics.length],
];

function startConnections() {
  connectionList = new VirtualList(byId("connections"), {
    role: "option", draw: connectionItem, onSelect: (one) => selectConnection(one.isAll ? null : one),
    onOpen: () => { document.body.classList.remove("lists"); },
  });
  fill(byId("order"), orders.map(([title], i) => el("option", { value: i }, title)));
  let all = [];
  const arrangeAll = () => {
    const weight = orders[byId("order").selectedIndex][1];
    all = [...report.connections.values()].sort((a, b) => weight(b) - weight(a) || a.number - b.number);
    show();
  };
  const show = () => {
    const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (one) => `#${one.number} ${one.record?.url ?? ""} ${one.client} ${one.server} ${one.record?.subprotocol ?? ""} ${[...one.views].join(" ")} ${ending(one)[0]} ${one.id}`.toLowerCase();
    const found = words.length === 0 ? all : all.filter((one) => words.every((word) => text(one).includes(word)));
    connectionList.set(words.length === 0 ? [everything, ...found] : found, state.connection ?? everything);
  };
  byId("find").addEventListener("input", show);
  byId("order").addEventListener("change", arrangeAll);
  onChange("connection", () => {
    connectionList.selected = connectionList.items.indexOf(state.connection ?? everything);
    connectionList.reveal();
    connectionList.update();
    aboutConnection();
  });
  arrangeAll();
}

/** What stands above the tabs. */
function aboutConnection() {
  const one = state.connection;
  const toList = el("button", { type: "button", class: "small only-small", onclick: () => document.body.classList.toggle("lists") }, "☰ Connections");
  if (!one) {
    return fill(byId("about"), toList, el("h2", {}, "All connections"),
      el("p", { class: "dim" }, `${count(report.connections.size, "WebSocket connection")}, ${count(report.messages, "message")} in ${count(report.frames, "frame")}`));
  }
  const record = one.record, names = Object.keys(record?.extensions ?? {});
  fill(byId("about"), toList,
    el("h2", {}, el("span", { class: "number" }, `#${one.number} `), 
      record?.url ? visible(record.url) : record ? "A connection whose handshake is not in the capture" : "A connection whose handshake was not selected"),
    el("p", {},
      el("span", { class: "mono" }, `${one.client} → ${one.server}`),
      record?.subprotocol && el("span", { class: "tag", title: "subprotocol" }, visible(record.subprotocol)),
      [...one.views].slice(0, 4).map((name) => el("span", { class: "tag view", title: "what messages mean" }, visible(name))),
      names.map((name) => el("span", { class: "tag", title: "extension" }, visible(name))),
      record?.tls && el("span", { class: "tag" }, visible(`TLS ${String(record.tls.version ?? "").replace(/^TLS ?/, "")}`.trim())),
      record?.inferred && el("span", { class: "tag warn", title: "Told by its frames, not by a handshake" }, "inferred")),
    el("p", { class: `end ${ending(one)[1]}` }, visible(sentence(one))));
}

/** How it ended, as a sentence. */
function sentence(one) {
  if (one.outcome === "refused") return `The server refused the upgrade: ${one.record.response?.status ?? ""} ${one.record.response?.reason ?? ""}`.trim();
  if (one.outcome === "unanswered") return "The capture holds no answer to the request for an upgrade.";
  const said = one.end?.explanation;
  return said ? said[0].toUpperCase() + said.slice(1) : "How it ended was not selected, or is not in this report.";
}
