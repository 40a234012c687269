// What is selected, and the address that says so: #c=1&m=12.

const state = {
  /** The selected connection; null for all. */
  connection: null,
  /** The selected row; null for none. */
  row: null,
  tab: "messages",
  /** How the content of a message is shown, if it can be. */
  view: "",
  listeners: { connection: [], row: [], tab: [] },
};

const onChange = (what, action) => state.listeners[what].push(action);
const tell = (what) => { for (const action of state.listeners[what]) action(); };

/** Shows a connection; null for all. */
function selectConnection(one) {
  if (state.connection !== one) {
    state.connection = one;
    if (one && state.row && state.row.connection !== one) { state.row = null; tell("row"); }
    if (!tabsOf().some(([name]) => name === state.tab)) selectTab("messages");
    tell("connection");
  }
  writeAddress();
}

/** Shows a row's details; null for none. */
function selectRow(row) {
  if (state.row === row) return;
  state.row = row;
  tell("row");
  writeAddress();
}

function selectTab(name) {
  if (state.tab === name) return;
  state.tab = name;
  tell("tab");
  writeAddress();
}

/** What there is to see of the selection: names and titles of tabs. */
function tabsOf() {
  const one = state.connection;
  const faults = one ? one.diagnostics.length : report.diagnostics.length;
  const tabs = [["messages", "Messages", null], ["diagnostics", "Diagnostics", faults], ["facts", one ? "Connection" : "Capture", null]];
  if (one?.record?.request || one?.record?.response) tabs.splice(1, 0, ["handshake", "Handshake", null]);
  return tabs;
}

// MARK: The address

let isReadingAddress = false;

function writeAddress() {
  if (isReadingAddress) return;
  const parts = new URLSearchParams();
  if (state.connection) parts.set("c", state.connection.number);
  if (state.row) {
    const row = state.row;
    if (!state.connection && row.connection) parts.set("of", row.connection.number);
    parts.set(row.isMessage ? "m" : row.kind === "note" ? "d" : "f", row.number);
  }
  if (state.tab !== "messages") parts.set("tab", state.tab);
  if (filter.text !== "") parts.set("q", filter.text);
  if (filter.text !== "" && filter.isRegex) parts.set("re", "1");
  const address = "#" + parts;
  if (location.hash !== address && !(address === "#" && location.hash === "")) {
    try { history.replaceState(null, "", address); } catch { /* some browsers refuse it for files */ }
  }
}

/** Selects what the address says, as far as the report has it. */
function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const one = report.connections.get(Number(parts.get("c"))) ?? null;
  const owner = one ?? report.connections.get(Number(parts.get("of"))) ?? null;
  const number = (name) => Number(parts.get(name));
  let row = null;
  if (parts.has("m")) row = owner?.messages.get(number("m"));
  else if (parts.has("f")) row = owner?.frames.get(number("f"));
  else if (parts.has("d")) row = report.rows.find((row) => row.kind === "note" && row.number === number("d"));
  isReadingAddress = true;
  if (parts.has("q") && parts.get("q") !== filter.text) setFilterText(parts.get("q"), parts.get("re") === "1");
  selectConnection(parts.has("c") || parts.has("of") ? one : initialConnection());
  selectTab(tabsOf().some(([name]) => name === parts.get("tab")) ? parts.get("tab") : "messages");
  selectRow(row ?? null);
  isReadingAddress = false;
}

/** What is shown first: the connection, if there is only one. */
const initialConnection = () => report.connections.size === 1 ? report.connections.values().next().value : null;
