// JSON as a tree. Read by us, so that long numbers, repeated keys and their order stay as they were sent.

const deepest = 256;
/** Values that a tree has, at most: ten million would take 750 MB. */
const mostValues = 1_000_000;

/** Reads JSON (RFC 8259); null if `text` is none, nests too deep, or has too many values. Nodes: {type, text} or {type, entries}. */
function readJSON(text) {
  let i = 0, values = 0;
  const space = /[ \t\n\r]*/y, number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, word = /true|false|null/y;
  const skip = () => { space.lastIndex = i; space.test(text); i = space.lastIndex; };
  const take = (expression) => {
    expression.lastIndex = i;
    const found = expression.exec(text);
    if (!found) throw new SyntaxError();
    i = expression.lastIndex;
    return found[0];
  };
  const string = () => {
    const start = i++;
    for (;;) {
      const character = text[i];
      if (character === undefined) throw new SyntaxError();
      if (character === "\\") i += 2;
      else if (character === '"') break;
      else i += 1;
    }
    return JSON.parse(text.slice(start, ++i));
  };
  const list = (type, close, depth) => {
    const entries = [];
    i += 1;
    skip();
    while (text[i] !== close) {
      if (entries.length > 0) { if (text[i] !== ",") throw new SyntaxError(); i += 1; skip(); }
      let key = entries.length;
      if (type === "object") {
        if (text[i] !== '"') throw new SyntaxError();
        key = string();
        skip();
        if (text[i++] !== ":") throw new SyntaxError();
      }
      entries.push([key, value(depth + 1)]);
      skip();
    }
    i += 1;
    return { type, entries };
  };
  const value = (depth) => {
    skip();
    if (depth > deepest || (values += 1) > mostValues) throw new SyntaxError();
    const first = text[i];
    if (first === "{") return list("object", "}", depth);
    if (first === "[") return list("array", "]", depth);
    if (first === '"') return { type: "string", text: string() };
    if (first === "-" || first >= "0" && first <= "9") return { type: "number", text: take(number) };
    return { type: "word", text: take(word) };
  };
  try {
    const root = value(0);
    skip();
    return i === text.length ? root : null;
  } catch {
    return null;
  }
}

/** Entries that are shown before more are asked for. */
const entriesAtOnce = 200;

/** A tree of `node`, whose branches are made when they are opened. */
function jsonTree(node) {
  return el("div", { class: "json" }, jsonNode(null, node, 0));
}

function jsonNode(key, node, depth) {
  const name = key === null ? null : typeof key === "number" ? el("span", { class: "index" }, `${key}`)
    : el("span", { class: "key" }, visible(key.slice(0, charactersAtOnce)), key.length > charactersAtOnce ? "…" : "");
  const before = name ? [name, el("span", { class: "dim" }, ": ")] : [];
  if (!node.entries) return el("div", { class: "leaf" }, before, jsonLeaf(node));
  const [open, close] = node.type === "object" ? ["{", "}"] : ["[", "]"];
  if (node.entries.length === 0) return el("div", { class: "leaf" }, before, open + close);
  const branch = el("div", { class: "branch" });
  const folder = el("details", {},
    el("summary", {}, before, open, el("span", { class: "dim fold" }, ` ${count(node.entries.length, node.type === "object" ? "key" : "element")} `), el("span", { class: "fold" }, close)),
    branch);
  const unfold = () => { if (folder.open && branch.childElementCount === 0) grow(branch, node, 0, depth); };
  folder.addEventListener("toggle", unfold);
  folder.open = depth < 2 || node.entries.length < 6 && depth < 4;
  unfold();
  return folder;
}

function grow(branch, node, from, depth) {
  const until = Math.min(node.entries.length, from + entriesAtOnce);
  for (const [key, child] of node.entries.slice(from, until)) branch.append(jsonNode(key, child, depth + 1));
  if (until === node.entries.length) return;
  const left = node.entries.length - until;
  const more = el("button", { type: "button", class: "small" }, `Show ${group(Math.min(left, entriesAtOnce))} of ${group(left)} more`);
  more.addEventListener("click", () => { more.remove(); grow(branch, node, until, depth); });
  branch.append(more);
}

/** Characters of a value, or a name, that are shown before more are asked for. */
const charactersAtOnce = 2000;

function jsonLeaf(node) {
  if (node.leadsTo) return el("span", { class: "number" }, messageLink(node.leadsTo, node.text));
  const text = node.text, quote = node.type === "string" ? '"' : "", left = text.length - charactersAtOnce;
  const span = el("span", { class: node.type }, quote, visibleWithMarks(text.slice(0, charactersAtOnce), marks, true), left > 0 ? "" : quote);
  if (left <= 0) return span;
  const more = el("button", { type: "button", class: "small" }, `${group(left)} more characters`);
  more.addEventListener("click", () => { more.remove(); span.append(visible(text.slice(charactersAtOnce), true), quote); });
  return [span, more];
}
