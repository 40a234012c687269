// The tabs above the messages, and what is in two of them: the handshake, and what is wrong.

function startPanels() {
  const shown = () => {
    fill(byId("tabs"), tabsOf().map(([name, title, number], i) => {
      const isChosen = name === state.tab;
      return el("button", {
        type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "aria-selected": String(isChosen), tabindex: isChosen ? "0" : "-1",
        title: `${title} (${i + 1})`, onclick: () => selectTab(name),
      }, title, number ? el("span", { class: "badge" }, group(number)) : null);
    }));
    for (const name of ["messages", "handshake", "diagnostics", "facts"]) byId(`panel-${name}`).hidden = name !== state.tab;
    const make = { handshake: handshakePanel, diagnostics: diagnosticsPanel, facts: factsPanel }[state.tab];
    if (make) fill(byId(`panel-${state.tab}`), make());
    drawTimeline();
  };
  onChange("connection", shown);
  onChange("tab", shown);
  byId("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = tabsOf().map(([name]) => name);
    selectTab(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
    byId(`tab-${state.tab}`).focus();
    event.preventDefault();
  });
  shown();
}

/** What the handshake agreed on, and the heads as they were sent. */
function handshakePanel() {
  const one = state.connection, record = one?.record;
  if (!record) return [];
  const list = (values) => values.length > 0 ? values.join(", ") : null;
  const parameters = (all) => Object.entries(all).filter(([, value]) => value !== false).map(([name, value]) => value === true || value === null ? name : `${name}=${value}`);
  const extension = ([name, all]) => [name, ...parameters(all)].join("; ");
  return [
    el("h3", {}, "What was agreed on"),
    facts([
      ["Outcome", record.upgraded === null ? "no answer in the capture" : record.upgraded ? "switched to WebSocket" : `refused with ${record.response?.status}`],
      ["URL", record.url], ["Subprotocol", record.subprotocol ?? "none"],
      ["Offered subprotocols", list(record.offered_protocols)],
      ["Extensions", list(Object.entries(record.extensions).map(extension)) ?? "none"],
      ["Offered extensions", list(record.offered_extensions.map((offer) => extension([offer.name, offer.parameters])))],
      ["Key", record.key], ["Accept", record.accept],
      ["Accept fits key", record.accept_valid === null ? "not known" : record.accept_valid ? "yes" : "no"],
      ["Version", record.version], ["HTTP", record.http_version],
      ["Complete", clock(moment(record.time) ?? 0)],
    ]),
    record.tls ? [el("h3", {}, "TLS"), tlsFacts(record.tls)] : null,
    headView("Request", record.request, (head) => `${head.method} ${head.target} ${head.version}`),
    headView("Response", record.response, (head) => `${head.version} ${head.status} ${head.reason}`),
  ];
}

function tlsFacts(tls) {
  const yes = (value) => value === null || value === undefined ? null : value ? "yes" : "no", certificate = tls.certificate;
  return facts([
    ["Version", tls.version], ["Cipher suite", tls.cipher_suite], ["Server name", tls.server_name],
    ["Encrypted hello", yes(tls.encrypted_client_hello)], ["ALPN", tls.alpn], ["ALPN offered", (tls.alpn_offered ?? []).join(", ")],
    ["Resumed", yes(tls.resumed)], ["Certificate", certificate ? [certificate.subject, ...(certificate.names ?? [])].filter(Boolean).join(", ") : null],
  ]);
}

function headView(title, head, firstLine) {
  if (!head) return [el("h3", {}, title), el("p", { class: "dim" }, "Not in the capture.")];
  return [
    el("h3", {}, title, el("span", { class: "dim" }, ` packet ${group(head.packet)}`)),
    el("p", { class: "mono start-line" }, visible(firstLine(head))),
    el("table", { class: "headers" }, el("tbody", {}, head.headers.map(([name, value]) =>
      el("tr", {}, el("th", { scope: "row" }, visible(name)), el("td", {}, visible(value)))))),
  ];
}

/** One diagnostic, with a way to where it is. */
function diagnosticLine(record, goes) {
  const where = [
    record.connection !== null && !state.connection ? `#${record.connection}` : null, record.sender,
    record.packet === null ? null : `packet ${group(record.packet)}`, record.frame === null ? null : `frame ${group(record.frame)}`, record.reference,
  ].filter((part) => part !== null && part !== undefined).join(" · ");
  const level = severities.indexOf(record.severity) + 1;
  return el("div", { class: `remark level-${level}` },
    el("div", { class: "line" }, el("span", { class: `badge level-${level}` }, record.severity), el("code", {}, record.code), goes ? el("span", { class: "push" }) : null, goes ?? null),
    el("p", {}, visible(record.message)), el("p", { class: "dim" }, visible(where)));
}

/** Diagnostics that are shown before more are asked for. */
const diagnosticsAtOnce = 200;

function diagnosticsPanel() {
  const all = state.connection ? state.connection.diagnostics : report.diagnostics;
  if (all.length === 0) return el("p", { class: "empty" }, state.connection ? "Nothing is wrong with this connection." : "Nothing is wrong.");
  const rows = new Map(allRows().flatMap((row) => row.faults.map((one) => [one, row])));
  const codes = [...Map.groupBy ? Map.groupBy(all, (one) => one.code) : []].map(([code, some]) => [code, some.length]).sort((a, b) => b[1] - a[1]);
  const list = el("div", { class: "remarks" });
  const add = (from) => {
    for (const record of all.slice(from, from + diagnosticsAtOnce)) {
      const row = rows.get(record);
      list.append(diagnosticLine(record, row && el("button", { type: "button", class: "small", onclick: () => { selectTab("messages"); selectRow(row); } }, "Show")));
    }
    if (from + diagnosticsAtOnce >= all.length) return;
    const more = el("button", { type: "button", class: "small" }, `${group(all.length - from - diagnosticsAtOnce)} more`);
    more.addEventListener("click", () => { more.remove(); add(from + diagnosticsAtOnce); });
    list.append(more);
  };
  add(0);
  return [codes.length > 1 ? el("p", { class: "codes" }, codes.slice(0, 30).map(([code, number]) => el("span", { class: "tag" }, `${code} ${group(number)}`))) : null, list];
}
