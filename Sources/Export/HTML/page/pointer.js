// Pointer and keys on the timeline: zoom, move, point, pick.

/** Zooms by `factor` around `time`. */
function zoom(factor, time = (timeline.from + timeline.to) / 2) {
  const whole = (timeline.last - timeline.first) * 1.02;
  const span = Math.min(whole, Math.max(1000, (timeline.to - timeline.from) * factor));
  const part = (time - timeline.from) / (timeline.to - timeline.from);
  timeline.from = time - part * span;
  timeline.to = timeline.from + span;
  move(0);
}

/** Moves by a part of what is shown, and no further than there is something. */
function move(part) {
  const span = timeline.to - timeline.from, margin = (timeline.last - timeline.first) * 0.01;
  const from = Math.max(timeline.first - margin, Math.min(timeline.from + part * span, timeline.last + margin - span));
  timeline.from = from;
  timeline.to = from + span;
  drawTimeline();
}

/** The row nearest to a place of the canvas, within a few pixels; those of the lane first. */
function rowNear(x, y) {
  const width = timeline.canvas.clientWidth, rows = isFiltering() ? messageList.items : timeline.rows;
  const reach = 7, from = rowAt(timeAt(x - reach, width), rows), to = Math.min(rowAt(timeAt(x + reach, width), rows), from + 2000);
  let best = null, least = Infinity;
  for (let i = from; i < to; i++) {
    const row = rows[i], isThere = row.sender < 0 || (y < lane.middle) === (row.sender === 0);
    const distance = Math.abs(xOf(row.time, width) - x) + (isThere ? 0 : reach);
    if (distance < least) { least = distance; best = row; }
  }
  return best;
}

function listenToTimeline(canvas) {
  let held = null;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) return move((event.deltaX || event.deltaY) / (canvas.clientWidth - lane.gutter));
    zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 250))), timeAt(event.offsetX, canvas.clientWidth));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, hasMoved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return point(event);
    const step = event.offsetX - held.x;
    if (Math.abs(step) < 4 && !held.hasMoved) return;
    held.hasMoved = true;
    held.x = event.offsetX;
    move(-step / (canvas.clientWidth - lane.gutter));
  });
  canvas.addEventListener("pointerup", (event) => {
    const wasClick = held && !held.hasMoved;
    held = null;
    const row = wasClick && rowNear(event.offsetX, event.offsetY);
    if (row) selectRow(row);
  });
  canvas.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
  canvas.addEventListener("dblclick", () => timeline.fit());
  canvas.addEventListener("keydown", (event) => {
    const actions = { "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1.6), "0": () => timeline.fit(), ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2) };
    if (!(event.key in actions) || event.ctrlKey || event.metaKey) return;
    actions[event.key]();
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Says what is under the pointer. */
function point(event) {
  const tip = byId("tip"), row = rowNear(event.offsetX, event.offsetY);
  tip.hidden = !row;
  timeline.canvas.style.cursor = row ? "pointer" : "grab";
  if (!row) return;
  const what = row.kind === "note" ? row.record.severity : `${arrows[row.sender] ?? ""} ${row.kind} ${lengthOf(row)}`;
  fill(tip, el("b", {}, `${what} · ${seconds(row.time - zero(row))} s`), el("div", {}, preview(row, 120)));
  const width = timeline.canvas.clientWidth;
  tip.style.left = `${Math.max(4, Math.min(event.offsetX + 12, width - tip.offsetWidth - 8))}px`;
}
