// Which rows are shown: by text or pattern, direction and kind.

const kindGroups = {
  text: (row) => row.kind === "text" && row.opcode === 1,
  binary: (row) => row.kind === "binary",
  control: (row) => ["ping", "pong", "close"].includes(row.kind),
  other: (row) => row.kind === "note" || row.kind === "continuation" || row.kind.startsWith("reserved"),
};

const filter = {
  text: "", isRegex: false, matchesCase: false,
  /** Senders that are shown: "both", "client" or "server". */
  direction: "both",
  hides: new Set(),
  faultsOnly: false,
  /** What is wrong with the pattern; null if nothing is. */
  error: null,
};

/** Whether all rows are shown. */
const isFiltering = () => filter.text !== "" || filter.direction !== "both" || filter.hides.size > 0 || filter.faultsOnly;

/** The pattern to look for, also for marks; null without one. `hex:0a ff` looks for bytes. */
function pattern() {
  filter.error = null;
  if (filter.text === "" || bytesWanted()) return null;
  const source = filter.isRegex ? filter.text : filter.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  try {
    return new RegExp(source, filter.matchesCase ? "u" : "iu");
  } catch (error) {
    filter.error = String(error.message);
    return null;
  }
}

/** The bytes that `hex:` asks for; null if it does not. */
function bytesWanted() {
  const given = /^hex:\s*((?:[0-9a-f]{2}\s*)+)$/i.exec(filter.text);
  return given && given[1].replace(/\s/g, "").toLowerCase().match(/../g).map((pair) => parseInt(pair, 16));
}

function includes(bytes, wanted) {
  for (let i = bytes.indexOf(wanted[0]); i >= 0; i = bytes.indexOf(wanted[0], i + 1)) {
    if (wanted.every((byte, k) => bytes[i + k] === byte)) return true;
  }
  return false;
}

const lenientUTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the text of a filter is compared with. */
function searchable(row, bytes) {
  if (row.kind === "note") return `${row.record.code} ${row.record.message}`;
  if (!bytes) return "";
  if (row.kind === "close") { const said = closeReason(bytes); return `${closeWords(said.code)} ${said.reason}`; }
  return lenientUTF8.decode(bytes);
}

/** Whether the pattern is found in a row: in its content, or in the line of its view. */
function isFound(looks, row, bytes) {
  if (looks.test(searchable(row, bytes))) return true;
  const line = lineBytes(row);
  if (!line) return false;
  const text = lenientUTF8.decode(line);
  return looks.test(text) || row.view.confidence !== null && looks.test(shownLine(row, text));
}

/** Whether a row is shown as far as its direction and kind go. */
function passesPlain(row) {
  if (filter.direction !== "both" && row.sender >= 0 && senders[row.sender] !== filter.direction) return false;
  if (filter.faultsOnly && row.faults.length === 0) return false;
  for (const kind of filter.hides) if (kindGroups[kind](row)) return false;
  return true;
}

let filterRun = 0;

/** Gives the rows of `rows` that are shown to `found`, at once or in parts while it goes through them; true at the end. */
async function runFilter(rows, found) {
  const run = (filterRun += 1), isCurrent = () => run === filterRun;
  const looks = pattern(), wanted = bytesWanted();
  if (!isFiltering()) return found(rows, 1);
  const result = [];
  if (!looks && !wanted) {
    for (const row of rows) if (passesPlain(row)) result.push(row);
    return found(result, 1);
  }
  let until = performance.now() + 12, told = performance.now();
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (passesPlain(row)) {
      const bytes = payloads.now(row) ?? (row.block >= 0 ? await payloads.of(row) : null);
      if (looks && lineBytes(row) === undefined) await payloads.of(row.view);
      if (!isCurrent()) return;
      if (wanted ? bytes && includes(bytes, wanted) : isFound(looks, row, bytes)) result.push(row);
    }
    if ((i & 127) === 0 && performance.now() > until) {
      await pause();
      if (!isCurrent()) return;
      if (performance.now() - told > 150) { told = performance.now(); found(result.slice(), i / rows.length); }
      until = performance.now() + 12;
    }
  }
  found(result, 1);
}
