// The timeline: what the client sent above the middle, what the server sent below, control frames and faults between.

const timeline = { from: 0, to: 1, first: 0, last: 1, rows: [], picture: null };
const lane = { height: 116, middle: 50, control: 8, axis: 100, gutter: 66 };

let drawTimeline = () => {};

function startTimeline() {
  const canvas = byId("timeline");
  timeline.canvas = canvas;
  drawTimeline = drawing(paint);
  new ResizeObserver(() => drawTimeline()).observe(canvas);
  const fit = () => {
    timeline.rows = allRows();
    const rows = timeline.rows, one = state.connection;
    const end = one ? moment(one.end?.time) : null;
    timeline.first = Math.min(one?.start ?? Infinity, rows[0]?.time ?? Infinity);
    timeline.last = Math.max(end ?? -Infinity, rows.at(-1)?.time ?? -Infinity);
    if (!Number.isFinite(timeline.first)) timeline.first = 0;
    if (!Number.isFinite(timeline.last) || timeline.last <= timeline.first) timeline.last = timeline.first + 1e6;
    const margin = (timeline.last - timeline.first) * 0.01;
    timeline.from = timeline.first - margin;
    timeline.to = timeline.last + margin;
    timeline.largest = rows.reduce((most, row) => Math.max(most, Number(row.length)), 16);
    canvas.setAttribute("aria-label", `Timeline of ${count(rows.length, "row")} in ${duration(timeline.last - timeline.first)}. Plus and minus zoom, arrows move, 0 shows all.`);
    drawTimeline();
  };
  timeline.fit = fit;
  onChange("connection", fit);
  fit();
  listenToTimeline(canvas);
}

const xOf = (time, width) => lane.gutter + (time - timeline.from) / (timeline.to - timeline.from) * (width - lane.gutter);
const timeAt = (x, width) => timeline.from + (x - lane.gutter) / (width - lane.gutter) * (timeline.to - timeline.from);

/** The place of the first row that is not before `time`. */
function rowAt(time, rows = timeline.rows) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].time < time) low = middle + 1; else high = middle;
  }
  return low;
}

function paint() {
  const canvas = timeline.canvas, width = canvas.clientWidth, scale = devicePixelRatio || 1;
  if (width === 0) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(lane.height * scale);
  const context = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  context.scale(scale, scale);
  paintSight(context, width, color);
  paintAxis(context, width, color);
  context.fillStyle = color("line");
  context.fillRect(0, lane.middle - lane.control, width, 1);
  context.fillRect(0, lane.middle + lane.control, width, 1);
  paintRows(context, width, color);
  paintPartners(context, width, color);
  if (state.row) {
    context.fillStyle = color("accent");
    context.fillRect(Math.round(xOf(state.row.time, width)) - 1, 0, 2, lane.axis);
  }
  paintGutter(context, width, color);
}

/** Partners of the selected message that are marked. */
const mostPartners = 200;

/** Lines from the selected message to what it replies to, and to what replies to it. */
function paintPartners(context, width, color) {
  const place = (row) => [xOf(row.time, width), row.sender === 1 ? lane.middle + lane.control + 12 : lane.middle - lane.control - 12];
  context.strokeStyle = context.fillStyle = color("accent");
  for (const row of partners(state.row).slice(0, mostPartners)) {
    const [x, y] = place(row);
    context.beginPath();
    context.moveTo(...place(state.row));
    context.lineTo(x, y);
    context.stroke();
    context.fillRect(x - 2, y - 2, 4, 4);
  }
}

/** The names of the lanes, over what has moved out at the left. */
function paintGutter(context, width, color) {
  context.fillStyle = color("side");
  context.fillRect(0, 0, lane.gutter - 4, lane.height);
  context.font = "11px system-ui, sans-serif";
  const name = (text, ink, y) => { context.fillStyle = color(ink); context.fillText(text, 9, y); };
  name("↑ client", "client", lane.middle / 2 + 2);
  name("control", "dim", lane.middle + 4);
  name("↓ server", "server", lane.axis - lane.middle / 2 + 6);
}

/** The rows that the list shows now. */
function paintSight(context, width, color) {
  const list = messageList, height = list.rowHeight;
  if (list.items.length === 0) return;
  const place = (y) => list.items[Math.max(0, Math.min(list.items.length - 1, y))].time;
  const top = Math.floor(list.element.scrollTop / height);
  const from = xOf(place(top), width), to = xOf(place(top + Math.floor(list.element.clientHeight / height)), width);
  if (list.items.length * height <= list.element.clientHeight) return;
  context.fillStyle = color("sight");
  context.fillRect(from - 2, 0, Math.max(4, to - from + 4), lane.axis);
}

/** The least round number of nanoseconds that is not below `rough`. */
function niceStep(rough) {
  const minute = 60e9, round = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((n) => n * minute);
  if (rough > 30e9 && rough <= round.at(-1)) return round.find((step) => step >= rough);
  const unit = rough > round.at(-1) ? 1440 * minute : 1, power = 10 ** Math.floor(Math.log10(rough / unit));
  return [1, 2, 5, 10].map((n) => n * power * unit).find((step) => step >= rough);
}

function paintAxis(context, width, color) {
  const span = timeline.to - timeline.from, step = niceStep(span / Math.max(2, (width - lane.gutter) / 110));
  const start = state.connection ? state.connection.start : timeline.first;
  context.font = "11px system-ui, sans-serif";
  for (let n = Math.ceil((timeline.from - start) / step); start + n * step <= timeline.to; n++) {
    const x = Math.round(xOf(start + n * step, width));
    context.fillStyle = color("line");
    context.fillRect(x, 0, 1, lane.axis + 4);
    context.fillStyle = color("dim");
    const label = n === 0 ? "0" : duration(Math.round(n * step)).replace(/(\.\d*?)0+ /, "$1 ").replace(". ", " ").replace(/ (min|h) 00 \w+$/, " $1");
    if (x + context.measureText(label).width + 4 < width) context.fillText(label, x + 3, lane.height - 4);
  }
}

/**
 * Bars for messages, the higher the longer. Where there are many more messages than pixels, a bar is as high as their
 * lengths together.
 */
function paintRows(context, width, color) {
  const rows = timeline.rows, first = rowAt(timeline.from), last = rowAt(timeline.to);
  const columns = Math.ceil(width), isDense = last - first > columns / 5, isSum = last - first > columns * 2;
  const bars = { text: [new Float32Array(columns), new Float32Array(columns)], binary: [new Float32Array(columns), new Float32Array(columns)] };
  const most = Math.log2(timeline.largest + 2), room = lane.middle - lane.control - 6;
  const points = new Map();
  const shown = isFiltering() ? new Set(messageList.items) : null;
  for (let i = first; i < last; i++) {
    const row = rows[i], x = Math.floor(xOf(row.time, width));
    if (x < lane.gutter - 4 || x >= columns || shown && !shown.has(row)) continue;
    const set = row.kind === "text" ? bars.text : row.isMessage || row.kind === "binary" ? bars.binary : null;
    const side = row.sender < 0 ? 0 : row.sender;
    if (set && isSum) set[side][x] += Number(row.length);
    else if (set) set[side][x] = Math.max(set[side][x], 3 + Math.log2(Number(row.length) + 2) / most * (room - 3));
    else points.set(`${x} ${row.kind} ${side}`, [x, row, side]);
    if (row.faults.length > 0) points.set(`${x} fault`, [x, { kind: "note", faults: row.faults }, side]);
  }
  if (isSum) {
    const all = [...bars.text, ...bars.binary], largest = all.reduce((most, side) => side.reduce((a, b) => Math.max(a, b), most), 1);
    for (const side of all) for (let x = 0; x < columns; x++) if (side[x] > 0) side[x] = 1 + side[x] / largest * (room - 1);
  }
  const thick = isDense ? 1 : 3;
  for (const [kind, sides] of Object.entries(bars)) for (const side of [0, 1]) {
    context.fillStyle = color(`${senders[side]}${kind === "binary" ? "-binary" : ""}`);
    for (let x = 0; x < columns; x++) {
      const high = sides[side][x];
      if (high === 0) continue;
      const y = side === 0 ? lane.middle - lane.control - high : lane.middle + lane.control + 1;
      context.fillRect(x - (thick >> 1), y, thick, high);
    }
  }
  for (const [x, row, side] of points.values()) paintPoint(context, x, row, side, color);
}

/** A control frame or a fault. */
function paintPoint(context, x, row, side, color) {
  const y = lane.middle + (side === 0 ? -3.5 : 4.5);
  if (row.kind === "note") {
    const level = Math.max(...row.faults.map((one) => severities.indexOf(one.severity) + 1));
    context.fillStyle = color(`level-${level}`);
    context.globalAlpha = 0.45;
    context.fillRect(x, level > 1 ? 0 : lane.middle - lane.control, level > 1 ? 1.5 : 1, level > 1 ? lane.axis : 2 * lane.control);
    context.globalAlpha = 1;
    context.beginPath();
    context.moveTo(x - 4, 0); context.lineTo(x + 5, 0); context.lineTo(x + 0.5, 7);
    context.fill();
  } else if (row.kind === "close") {
    context.fillStyle = color("close");
    context.fillRect(x - 1, side === 0 ? 6 : lane.middle, 2.5, lane.middle - 6);
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
  } else {
    context.fillStyle = color(row.kind === "ping" || row.kind === "pong" ? "control" : "level-2");
    context.beginPath();
    if (row.kind === "ping") { context.moveTo(x, y - 4); context.lineTo(x + 4, y); context.lineTo(x, y + 4); context.lineTo(x - 4, y); }
    else context.arc(x, y, 3, 0, 7);
    context.fill();
  }
}
