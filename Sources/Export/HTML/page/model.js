// What the report holds: connections, and rows, which are messages, frames that belong to none, and remarks.

const report = {
  base: 0n,
  capture: null, summary: null, end: null,
  /** Number → connection. */
  connections: new Map(),
  /** All rows, in order of time. */
  rows: [],
  diagnostics: [], tls: [],
  frames: 0, messages: 0,
  /** Whether a block is damaged or the end is missing. */
  isCut: false,
};

const flag = { compressed: 1, complete: 2, lengthKnown: 4, truncated: 8, validUTF8: 16, invalidUTF8: 32 };
const senders = ["client", "server"];
const opcodes = new Map([[0, "continuation"], [1, "text"], [2, "binary"], [8, "close"], [9, "ping"], [10, "pong"]]);
const opcodeName = (code) => opcodes.get(code) ?? `reserved-${code}`;

/** A connection, made when it is first spoken of. */
function connection(number) {
  let known = report.connections.get(number);
  if (!known) {
    known = {
      number, id: "", client: "", server: "", record: null, end: null, rows: [], frames: new Map(), messages: new Map(),
      diagnostics: [], start: null, bytes: 0, worst: 0,
    };
    report.connections.set(number, known);
  }
  return known;
}

/** What messages and frames have in common; `f` is the array that the report holds. */
function base(f, kind, extra) {
  return {
    kind, connection: connection(f[1]), number: f[2], sender: f[3], time: f[4], lasts: f[5], packets: [f[6], f[7]],
    files: extra?.files ?? null, unknown: extra?.unknown ?? [], confidence: extra?.confidence ?? null, faults: [],
  };
}

function readMessage(f) {
  const row = base(f, f[8] === 1 ? "text" : "binary", f[18]);
  Object.assign(row, {
    isMessage: true, opcode: f[8], flags: f[9], length: f[10], wire: f[11], frameCount: f[12], firstFrame: f[13],
    lastFrame: f[14], block: f[15], at: f[16], stored: f[17], view: readView(f[18]?.view), answers: null,
  });
  row.connection.messages.set(row.number, row);
  report.messages += 1;
  report.rows.push(row);
}

function readFrame(f) {
  const row = base(f, opcodeName(f[8] & 15), f[19]);
  Object.assign(row, {
    isMessage: false, opcode: f[8] & 15, bits: f[8], second: f[9], mask: f[10], length: f[11], captured: f[12],
    flags: f[13], message: f[14], offset: f[15], block: f[16], at: f[17], stored: f[18],
  });
  row.connection.frames.set(row.number, row);
  report.frames += 1;
  report.rows.push(row);
}

const readers = {
  base(record) { report.base = BigInt(record.nanoseconds); },
  capture(record) { report.capture = record; },
  ends(record) { Object.assign(connection(record.connection), { id: record.connection_id, client: record.client, server: record.server }); },
  connection(record) {
    const one = connection(record.connection);
    Object.assign(one, { id: record.connection_id, client: record.client, server: record.server, record });
  },
  end(record) { connection(record.connection).end = record; },
  tls(record) { report.tls.push(record); },
  diagnostic(record) { report.diagnostics.push(record); },
  summary(record) { report.summary = record; },
  report(record) { report.end = record; },
};

function readLine(record) {
  if (!Array.isArray(record)) readers[record.type]?.(record);
  else if (record[0] === 0) readMessage(record);
  else readFrame(record);
}

/** Reads all records; `progress` is told the part that is done. */
async function readRecords(progress) {
  const elements = blockElements("records");
  for (const [i, element] of elements.entries()) {
    try {
      const text = new TextDecoder().decode(await unpack(element.textContent));
      for (const record of JSON.parse(`[${text.trimEnd().replaceAll("\n", ",")}]`)) readLine(record);
    } catch {
      report.isCut = true;
    }
    element.remove();
    progress((i + 1) / elements.length);
    await pause();
  }
  if (!report.end) report.isCut = true;
  arrange();
}

const severities = ["note", "warning", "error"], worstFirst = ["error", "warning", "note"];

/** Joins what was read: frames to their messages, diagnostics to their rows, rows to their connections. */
function arrange() {
  report.rows = report.rows.filter((row) => row.isMessage || !row.connection.messages.has(row.message));
  for (const [index, record] of report.diagnostics.entries()) place(record, index);
  report.rows.sort((a, b) => a.time - b.time);
  for (const [index, row] of report.rows.entries()) {
    row.index = index;
    row.connection?.rows.push(row);
  }
  for (const one of report.connections.values()) {
    one.start = moment(one.record?.time) ?? one.rows[0]?.time ?? 0;
    one.bytes = one.rows.reduce((sum, row) => sum + (row.isMessage ? Number(row.length) : 0), 0);
    linkReplies(one);
    one.outcome = one.record ? (one.record.upgraded === false ? "refused" : one.record.upgraded === null ? "unanswered" : "open") : "open";
  }
}

/** Puts a diagnostic with the row of its frame or, without one, makes it a row. */
function place(record, index) {
  const one = record.connection === null ? null : connection(record.connection);
  const severity = severities.indexOf(record.severity);
  if (one) {
    one.diagnostics.push(record);
    one.worst = Math.max(one.worst, severity + 1);
  }
  const frame = record.frame === null ? null : one?.frames.get(record.frame);
  const row = frame && (one.messages.get(frame.message) ?? frame);
  if (row) return row.faults.push(record);
  const time = moment(record.time);
  if (time === null) return;
  report.rows.push({
    kind: "note", connection: one, number: index + 1, sender: senders.indexOf(record.sender), time, lasts: 0,
    packets: [record.packet, record.packet], files: null, unknown: [], confidence: null, faults: [record], block: -3, stored: 0, at: 0, length: 0,
    isMessage: false, flags: flag.complete, record, severity,
  });
}

/** The frames of a row, in order; those that the report holds. */
function framesOf(row) {
  if (row.kind === "note") return [];
  if (!row.isMessage) return [row];
  const frames = [], known = row.connection.frames;
  // Of a message in a great many frames, the other end's frames come in between.
  for (let n = row.firstFrame; n <= row.lastFrame && frames.length < row.frameCount && n - row.firstFrame < 400_000; n++) {
    const frame = known.get(n);
    if (frame?.message === row.number && frame.sender === row.sender) frames.push(frame);
  }
  return frames;
}

/** What a close frame says; null where its payload is not known. */
function closeReason(bytes) {
  if (!bytes) return null;
  if (bytes.length < 2) return { code: null, reason: "" };
  return { code: bytes[0] << 8 | bytes[1], reason: decode(bytes.subarray(2)) };
}

const closeNames = new Map([
  [1000, "normal closure"], [1001, "going away"], [1002, "protocol error"], [1003, "unsupported data"],
  [1005, "no status received"], [1006, "abnormal closure"], [1007, "invalid payload data"], [1008, "policy violation"],
  [1009, "message too big"], [1010, "mandatory extension"], [1011, "internal error"], [1012, "service restart"],
  [1013, "try again later"], [1014, "bad gateway"], [1015, "TLS handshake"],
]);
const closeWords = (code) => code === null ? "no code" : `${code} ${closeNames.get(code) ?? ""}`.trim();
