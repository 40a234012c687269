// Text from the wire: bytes that need not be UTF-8, and characters that hide, reorder, or drive something.

const strictUTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes of the sequence that begins at `i`; 0 if that is not UTF-8 (RFC 3629 §4). */
function sequenceLength(bytes, i) {
  const first = bytes[i], second = bytes[i + 1];
  const follows = (n) => { for (let k = 2; k <= n; k++) if ((bytes[i + k] & 0xC0) !== 0x80) return false; return true; };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return (second & 0xC0) === 0x80 ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const low = first === 0xE0 ? 0xA0 : 0x80, high = first === 0xED ? 0x9F : 0xBF;
    return second >= low && second <= high && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const low = first === 0xF0 ? 0x90 : 0x80, high = first === 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high && follows(3) ? 4 : 0;
  }
  return 0;
}

/** `bytes` as text. A byte that is not part of UTF-8 becomes U+10FF00 and so many more, as in the JSON output. */
function decode(bytes) {
  try { return strictUTF8.decode(bytes); } catch { /* piece by piece, then */ }
  const pieces = [];
  let start = 0, i = 0;
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i);
    if (length > 0) { i += length; continue; }
    if (i > start) pieces.push(strictUTF8.decode(bytes.subarray(start, i)));
    pieces.push(String.fromCodePoint(0x10FF00 + bytes[i]));
    start = i += 1;
  }
  if (start < bytes.length) pieces.push(strictUTF8.decode(bytes.subarray(start)));
  return pieces.join("");
}

/** Controls, bidirectional and invisible characters, and bytes that are not UTF-8. */
const hidden = new RegExp(
  "[\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uD800-\\uDFFF"
  + "\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}\\u{10FF80}-\\u{10FFFF}]", "gu");

const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

/** How a character that cannot be seen is spelled. */
function spelled(character) {
  const code = character.codePointAt(0);
  if (short[character]) return short[character];
  if (code >= 0x10FF80) return "\\x" + hex(code & 0xFF, 2);
  return code < 0x100 ? "\\x" + hex(code, 2) : `\\u{${hex(code, 4)}}`;
}

/** `text` for a place that holds text only, such as a title or the canvas. */
const plain = (text) => text.replace(hidden, spelled);

/** Elements of marked characters in one text; of what has more, the rest is spelled out without. */
const mostMarked = 1000;

/** `text` with what cannot be seen spelled out and marked; with `keepsLines`, line ends and tabs are as they are. */
function visible(text, keepsLines = false, budget = { left: mostMarked }) {
  const fragment = document.createDocumentFragment();
  const isKept = (character) => keepsLines && (character === "\n" || character === "\t");
  let end = 0, run = "";
  const close = () => { if (run !== "") fragment.append(marked(run)); run = ""; };
  for (const match of text.matchAll(hidden)) {
    if (isKept(match[0])) continue;
    if (match.index > end) {
      close();
      fragment.append(text.slice(end, match.index));
      end = match.index;
    }
    if (run === "" && (budget.left -= 1) < 0) break;
    run += match[0];
    end = match.index + match[0].length;
  }
  close();
  const rest = text.slice(end);
  fragment.append(budget.left < 0 ? rest.replace(hidden, (character) => isKept(character) ? character : spelled(character)) : rest);
  return fragment;
}

/** Characters that cannot be seen, one after the other. */
function marked(run) {
  const characters = [...run], names = characters.slice(0, 4).map(characterName);
  if (characters.length > 4) names.push(`${group(characters.length - 4)} more`);
  return el("span", { class: "hidden", title: names.join(", ") }, characters.map(spelled).join(""));
}

/** The same, with what `pattern` finds marked, as far as `most` matches. */
function visibleWithMarks(text, pattern, keepsLines = false, most = 1000) {
  const budget = { left: mostMarked };
  if (!pattern) return visible(text, keepsLines, budget);
  const fragment = document.createDocumentFragment();
  let end = 0, found = 0;
  for (const match of text.matchAll(new RegExp(pattern.source, pattern.flags.replace("g", "") + "g"))) {
    if (match[0] === "") continue;
    fragment.append(visible(text.slice(end, match.index), keepsLines, budget));
    fragment.append(el("mark", {}, visible(match[0], keepsLines, budget)));
    end = match.index + match[0].length;
    if ((found += 1) >= most) break;
  }
  fragment.append(visible(text.slice(end), keepsLines, budget));
  return fragment;
}

function characterName(character) {
  const code = character.codePointAt(0);
  if (code >= 0x10FF80) return `byte ${hex(code & 0xFF, 2)}, not UTF-8`;
  return `U+${hex(code, 4).toUpperCase()}`;
}
