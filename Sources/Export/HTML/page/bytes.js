// Bytes as offset, hexadecimal and ASCII.

/** Lines that are shown before more are asked for. */
const linesAtOnce = 1024;

/** A dump of `bytes`, around those of a message that are not known: ranges of offset and length. */
function hexDump(bytes, unknown, columns = 16) {
  const dump = el("div", { class: "hex mono", role: "presentation" });
  let taken = 0, offset = 0;
  for (const [start, length] of unknown) {
    const known = Math.min(Number(start) - offset, bytes.length - taken);
    if (known > 0) addLines(dump, bytes.subarray(taken, taken + known), offset, columns);
    taken += Math.max(0, known);
    dump.append(el("div", { class: "dim" }, `· ${count(length, "byte")} not known`));
    offset = Number(start) + Number(length);
  }
  if (taken < bytes.length) addLines(dump, bytes.subarray(taken), offset, columns);
  return dump;
}

function addLines(dump, bytes, offset, columns, from = 0) {
  const end = Math.min(bytes.length, from + linesAtOnce * columns), lines = [];
  for (let i = from; i < end; i += columns) {
    const some = bytes.subarray(i, Math.min(i + columns, bytes.length));
    let digits = "";
    for (let k = 0; k < columns; k++) digits += (k < some.length ? hex(some[k], 2) : "  ") + (k % 8 === 7 ? "  " : " ");
    lines.push([hex(offset + i, 6), digits, ascii(some)]);
  }
  const part = (index) => el("pre", { class: ["place", "digits", "ascii"][index] }, lines.map((line) => line[index]).join("\n"));
  dump.append(el("div", { class: "lines" }, part(0), part(1), part(2)));
  if (end === bytes.length) return;
  const more = el("button", { type: "button", class: "small" }, `Show more of ${size(bytes.length)}`);
  more.addEventListener("click", () => { addLines(dump, bytes, offset, columns, end); more.remove(); });
  dump.append(more);
}

/** The text of a message, with what is not known of it told. */
function contentText(bytes, unknown, keepsLines = true) {
  const pieces = [];
  let taken = 0, offset = 0;
  for (const [start, length] of unknown) {
    const known = Math.max(0, Math.min(Number(start) - offset, bytes.length - taken));
    if (known > 0) pieces.push(visibleWithMarks(decode(bytes.subarray(taken, taken + known)), marks, keepsLines));
    taken += known;
    pieces.push(el("span", { class: "hidden", title: `${count(length, "byte")} not known` }, Number(length) <= 16 ? "·".repeat(Number(length)) : `···(${group(length)} unknown)···`));
    offset = Number(start) + Number(length);
  }
  if (taken < bytes.length) pieces.push(visibleWithMarks(decode(bytes.subarray(taken)), marks, keepsLines));
  return pieces;
}
