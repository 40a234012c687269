// The tab of facts: of a connection, or of the capture.

const factsPanel = () => state.connection ? connectionFacts(state.connection) : captureFacts();

function table(heads, rows) {
  return el("div", { class: "wide" }, el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map(([head, ...cells]) => el("tr", {}, el("th", { scope: "row" }, visible(head)), cells.map((text) => el("td", {}, text === null || text === undefined ? "–" : visible(String(text)))))))));
}

function connectionFacts(one) {
  const end = one.end, close = (reason) => reason ? `${closeWords(reason.code)}${reason.reason ? ` “${reason.reason}”` : ""}` : null;
  const result = [
    facts([
      ["Connection", `#${one.number}`], ["Identifier", one.id], ["Client", one.client], ["Server", one.server],
      ["Began", one.record ? `${clock(moment(one.record.time) ?? 0)}, ${one.record.start === "handshake" ? "with its handshake" : "in the middle"}` : null],
      ["TCP round trip", roundTrips(one.record?.tcp_round_trip)],
      ["Inferred", one.record?.inferred ? `with a confidence of ${one.record.confidence ?? "the user’s word"}` : null],
      ["Lasted", end ? duration(end.duration * 1e9) : null], ["End", sentence(one)],
      ["Client’s Close", close(end?.client_close)], ["Server’s Close", close(end?.server_close)],
      ["A browser would say", end && end.browser_code !== null ? `code ${end.browser_code}, ${end.clean ? "clean" : "not clean"}` : null],
      ["Idle at the end", end && end.idle !== null && end.idle !== undefined ? duration(end.idle * 1e9) : null],
    ]),
  ];
  if (end) {
    const pair = (title, get) => [title, get(end.client), get(end.server)];
    const number = (key) => (tally) => group(tally[key]);
    result.push(el("h3", {}, "What each end sent"), table(["", "client", "server"], [
      pair("Frames", number("frames")), pair("Messages", number("messages")), pair("Payload bytes", number("payload_bytes")),
      pair("Bytes on the wire", number("wire_bytes")), pair("Missing bytes", number("missing_bytes")), pair("Bytes not decoded", number("undecoded_bytes")),
      pair("Unanswered pings", (tally) => tally.unanswered_pings), pair("Cut off in", (tally) => tally.cut_off),
    ]));
  }
  return result;
}

/** What the TCP handshake tells of the network, apart from what the peers do. */
function roundTrips(times) {
  const ways = ["server", "client"].filter((end) => times?.[end] !== null && times?.[end] !== undefined);
  return ways.map((end) => `${duration(Math.round(times[end] * 1e9))} to the ${end}`).join(", ");
}

function captureFacts() {
  const sum = report.summary, files = report.capture?.files ?? [];
  const health = sum ? facts([
    ["Packets", count(sum.packets, "packet") + `, ${size(sum.bytes)}`], ["TCP connections", group(sum.tcp_connections)],
    ["WebSocket connections", group(sum.websocket_connections)], ["Refused upgrades", sum.refused_upgrades ? group(sum.refused_upgrades) : null],
    ["Unanswered upgrades", sum.unanswered_upgrades ? group(sum.unanswered_upgrades) : null],
    ["Frames", group(sum.frames)], ["Messages", group(sum.messages)],
    ["Diagnostics", worstFirst.map((name) => count(sum.diagnostics[name], name)).join(", ")],
    ["WebSocket bytes", size(sum.websocket_bytes)],
    ["Missing from the capture", sum.skipped_bytes.missing ? size(sum.skipped_bytes.missing) : "nothing that showed"],
    ["Not decoded", sum.skipped_bytes.undecoded ? size(sum.skipped_bytes.undecoded) : null],
    ["Damaged in the files", sum.skipped_bytes.damaged_file ? size(sum.skipped_bytes.damaged_file) : null],
    ["Dropped while capturing", sum.drops === null ? "not known" : count(sum.drops, "packet")],
  ]) : el("p", { class: "dim" }, "The report has no summary.");
  return [
    el("h3", {}, "What was read"), health,
    el("h3", {}, "Limits of this report"), limitFacts(),
    el("h3", {}, "Files"), table(["", "format", "link types"], files.map((file) => [file.path, file.format ?? "could not be read", file.link_types.join(", ")])),
    tlsTable(),
    report.capture ? el("p", { class: "dim" }, `Made by wstap ${report.capture.version}.`) : null,
  ];
}

function tlsTable() {
  if (report.tls.length === 0) return null;
  const rows = report.tls.slice(0, 1000).map(({ client, server, client_bytes, server_bytes, tls }) =>
    [client, server, tls.server_name, tls.version, size(client_bytes + server_bytes), tls.decrypted ? "decrypted" : tls.explanation ?? tls.reason ?? "not decrypted"]);
  return [el("h3", {}, "TLS connections"), table(["client", "server", "name", "TLS", "bytes", "state"], rows)];
}

function limitFacts() {
  const limits = report.end?.limits;
  if (!limits) return el("p", { class: "dim" }, "Not known: the report is cut short.");
  return el("p", {}, `At most ${group(limits.messages)} messages, ${group(limits.frames)} frames, ${group(limits.connections)} connections, ${group(limits.diagnostics)} diagnostics, ${size(limits.payload_bytes)} of payload, and as much as ${size(limits.view_bytes)} of what messages mean. `,
    leftOutWords() || "Nothing was left out.");
}

/** What the report had no room for, as a sentence; empty if there was room for all. */
function leftOutWords() {
  const left = report.end?.left_out ?? {};
  const words = Object.entries(left).filter(([, number]) => number > 0).map(([name, number]) => count(number, name.replace(/s$/, "")));
  return words.length > 0 ? `Left out: ${words.join(", ")}. A selection (--connection, -Y, --from) makes a smaller report.` : "";
}

/** What everybody must know before they trust the report. */
function showNotes() {
  const notes = [];
  if (report.isCut) notes.push("This report is cut short: wstap did not get to its end, or the file was damaged. What is here is shown.");
  if (report.end?.interrupted) notes.push("Reading was interrupted: the capture may hold more than this report.");
  const faults = report.diagnostics.filter((record) => record.connection === null && record.code.startsWith("capture"));
  for (const record of faults.slice(0, 3)) notes.push(`${record.message[0].toUpperCase()}${record.message.slice(1)}.`);
  if (leftOutWords()) notes.push(leftOutWords());
  fill(byId("notes"), notes.map((note) => el("p", {}, visible(note))));
}

/** The line at the very top. */
function showTop() {
  const files = report.capture?.files.map((file) => file.path) ?? [];
  const names = files.map((path) => path.split("/").at(-1));
  const words = names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
  fill(byId("files"), visible(words));
  byId("files").title = plain(files.join("\n"));
  document.title = plain(words ? `${words} · wstap` : "WebSocket report");
  const sum = report.summary;
  fill(byId("totals"), [
    [report.connections.size, "connection"], [report.messages, "message"],
    ...worstFirst.map((name) => [sum?.diagnostics[name] ?? 0, name]).filter(([number]) => number > 0),
  ].map(([number, word]) => el("span", { class: `total ${word}` }, el("b", {}, group(number)), ` ${word}${number === 1 ? "" : "s"}`)));
}
