// The header of a frame as RFC 6455 §5.2 draws it: 32 bits a row.

/** The fields of a frame's header: name, bits, value in bits or words, meaning. */
function headerFields(frame) {
  const bit = (name, isSet, meaning) => ({ name, width: 1, value: isSet ? "1" : "0", meaning, isSet });
  const short = frame.second & 0x7F, isMasked = (frame.second & 0x80) !== 0;
  const fields = [
    bit("FIN", frame.bits & 0x80, frame.bits & 0x80 ? "the last frame of its message" : "more frames follow"),
    bit("RSV1", frame.bits & 0x40, frame.bits & 0x40 ? "compressed, where permessage-deflate is in use" : "not set"),
    bit("RSV2", frame.bits & 0x20, frame.bits & 0x20 ? "set; no known extension uses it" : "not set"),
    bit("RSV3", frame.bits & 0x10, frame.bits & 0x10 ? "set; no known extension uses it" : "not set"),
    { name: "opcode", width: 4, value: (frame.bits & 15).toString(2).padStart(4, "0"), meaning: `${frame.bits & 15} ${opcodeName(frame.bits & 15)}` },
    bit("MASK", isMasked, isMasked ? "masked, as from a client" : "not masked, as from a server"),
    { name: "payload length", width: 7, value: short.toString(2).padStart(7, "0"), meaning: short < 126 ? count(short, "byte") : `${short}: the length follows in ${short === 126 ? 16 : 64} bits` },
  ];
  if (short >= 126) fields.push({ name: "extended payload length", width: short === 126 ? 16 : 64, value: group(frame.length), meaning: count(frame.length, "byte") });
  if (isMasked) fields.push({ name: "masking key", width: 32, value: frame.mask < 0 ? "not captured" : hex(frame.mask, 8), meaning: "each payload byte is XORed with one of these four" });
  return fields;
}

/** The picture: a grid of 32 columns. A field that does not fit its row goes on in the next. */
function headerPicture(frame) {
  const picture = el("div", { class: "picture", role: "img", "aria-label": pictureWords(frame) });
  for (let i = 0; i < 32; i++) picture.append(el("span", { class: "bit" }, i % 8 === 0 || i === 31 ? `${i}` : ""));
  let column = 0;
  const put = (field, width, isRest) => picture.append(spanning(el("div", {
    class: `field${field.isSet ? " set" : ""}${field.width === 1 ? " flag" : ""}${isRest ? " rest" : ""}${field.isPayload ? " payload" : ""}`, title: `${field.name}: ${field.meaning}`,
  }, el("span", { class: "name" }, isRest ? `${field.name}, continued` : field.name), isRest ? null : el("span", { class: "value" }, field.value)), width));
  for (const field of headerFields(frame)) {
    let left = field.width;
    while (left > 0) {
      const width = Math.min(left, 32 - column);
      // The value of a field stands where most of it is.
      put(field, width, left < field.width);
      left -= width;
      column = (column + width) % 32;
    }
  }
  const payload = { name: "payload data", value: count(frame.length, "byte"), meaning: count(frame.length, "byte"), width: 32, isPayload: true };
  if (Number(frame.length) > 0) put(payload, 32 - column, false);
  return picture;
}

function spanning(element, width) {
  element.style.gridColumn = `span ${width}`;
  return element;
}

const pictureWords = (frame) => headerFields(frame).map((field) => `${field.name} ${field.value}`).join(", ");

/** What the picture says, in words. */
function headerWords(frame) {
  return el("dl", { class: "facts" }, headerFields(frame).flatMap((field) => [
    el("dt", {}, field.name), el("dd", {}, el("code", {}, field.value), ` ${field.meaning}`)]));
}

/** Frames that are listed before more are asked for. */
const framesAtOnce = 100;

/** The frames of a row: a list, and the picture of the one that is chosen. */
function framesView(row) {
  const frames = framesOf(row);
  if (frames.length === 0) return el("p", { class: "dim" }, "The report does not have the frames of this message.");
  const place = el("div", {});
  const show = (frame) => fill(place, el("h4", {}, `Frame ${group(frame.number)}`), headerPicture(frame), headerWords(frame), frameFacts(frame));
  show(frames[0]);
  if (frames.length === 1) return place;
  const list = el("div", { class: "chips", role: "group", "aria-label": "Frames of the message" });
  const add = (from) => {
    for (const frame of frames.slice(from, from + framesAtOnce)) {
      const chip = el("button", { type: "button", class: "toggle", "aria-pressed": String(frame === frames[0]), title: opcodeName(frame.opcode) }, `${group(frame.number)}`, el("span", { class: "dim" }, ` ${size(frame.length)}`));
      chip.addEventListener("click", () => {
        for (const other of list.children) other.setAttribute("aria-pressed", String(other === chip));
        show(frame);
      });
      list.append(chip);
    }
    if (from + framesAtOnce >= frames.length) return;
    const more = el("button", { type: "button", class: "small" }, `${group(frames.length - from - framesAtOnce)} more`);
    more.addEventListener("click", () => { more.remove(); add(from + framesAtOnce); });
    list.append(more);
  };
  add(0);
  return el("div", {}, el("p", { class: "dim" }, `${count(frames.length, "frame")}${frames.length < row.frameCount ? ` of ${group(row.frameCount)}; the report does not have the others` : ""}`), list, place);
}

function frameFacts(frame) {
  return facts([
    ["Time", clock(frame.time)], ["Packets", packetWords(frame)],
    ["Stream offset", `${group(frame.offset)} in the bytes of the ${senders[frame.sender]}`],
    ["Captured", Number(frame.captured) === Number(frame.length) ? null : `${group(frame.captured)} of ${count(frame.length, "byte")}`],
    ["Inferred", frame.confidence === null ? null : `with a confidence of ${frame.confidence}`],
  ]);
}
