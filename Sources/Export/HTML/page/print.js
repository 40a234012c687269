// Paper: what is selected as a plain table.

/** Rows that are printed. */
const rowsOnPaper = 2000;

function startPrint() {
  addEventListener("beforeprint", () => {
    const one = state.connection, rows = messageList.items.slice(0, rowsOnPaper), all = messageList.items.length;
    const line = (row) => el("tr", { class: row.kind }, el("td", {}, row.connection && !one ? `#${row.connection.number} ` : "", row.sender >= 0 ? `${arrows[row.sender]} ${senders[row.sender]}` : ""), el("td", {}, row.kind === "note" ? row.record.severity : row.kind),
      el("td", { class: "data" }, preview(row, 600)), el("td", { class: "right" }, row.kind === "note" ? "" : lengthOf(row)), el("td", { class: "right" }, seconds(row.time - zero(row))));
    fill(byId("paper"),
      el("h1", {}, visible(one ? `#${one.number} ${shortURL(one)}` : "All connections")),
      el("p", {}, visible((report.capture?.files ?? []).map((file) => file.path).join(", "))),
      one ? connectionFacts(one) : captureFacts(),
      el("h3", {}, "Messages", isFiltering() ? " that pass the filter" : "", all > rows.length ? `, the first ${group(rows.length)} of ${group(all)}` : ""),
      el("table", { class: "print-rows" }, el("thead", {}, el("tr", {}, ["From", "Kind", "Data", "Size", "Time (s)"].map((name) => el("th", {}, name)))), el("tbody", {}, rows.map(line))));
    byId("paper").hidden = false;
  });
  addEventListener("afterprint", () => { byId("paper").hidden = true; fill(byId("paper")); });
}
