// The line between the list and the message, which can be moved.

function startSplitter() {
  const bar = byId("splitter"), split = bar.parentElement, detail = byId("detail"), standard = 46;
  const isStacked = () => getComputedStyle(split).flexDirection === "column";
  let share = standard;
  const set = (percent) => {
    share = Math.max(20, Math.min(80, percent));
    detail.style.flexBasis = `${share}%`;
    detail.style.maxWidth = "none";
    bar.setAttribute("aria-valuenow", String(Math.round(share)));
    memory.set("split", String(share));
    messageList.update();
  };
  bar.setAttribute("aria-valuenow", String(standard));
  const known = Number(memory.get("split"));
  if (known >= 20 && known <= 80) set(known);
  let isHeld = false;
  bar.addEventListener("pointerdown", (event) => { isHeld = true; bar.setPointerCapture(event.pointerId); event.preventDefault(); });
  bar.addEventListener("pointermove", (event) => {
    if (!isHeld) return;
    const place = split.getBoundingClientRect();
    set(100 * (isStacked() ? place.bottom - event.clientY : place.right - event.clientX) / (isStacked() ? place.height : place.width));
  });
  bar.addEventListener("pointerup", () => { isHeld = false; });
  bar.addEventListener("dblclick", () => set(standard));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: 3, ArrowUp: 3, ArrowRight: -3, ArrowDown: -3 }[event.key];
    if (!step) return;
    set(share + step);
    event.preventDefault();
    event.stopPropagation();
  });
  onChange("row", () => { bar.hidden = state.row === null; });
}
