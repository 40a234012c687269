"use strict";
// Everything that a capture brings reaches the page as text: through `el`, `append` and `textContent`. Nothing parses HTML.

/** Makes an element. Strings among the children become text; a property that begins with "on" is a listener. */
function el(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** The element of the page called `id`. */
const byId = (id) => document.getElementById(id);

/** Shows `children` in place of what `element` holds. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Lets the browser draw and take input; resolves in the next task. */
const pause = () => new Promise((resolve) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { channel.port1.close(); resolve(); };
  channel.port2.postMessage(0);
});

/** Calls `action` before the next picture, once, however often it is asked for. */
function drawing(action) {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => { isPlanned = false; action(); });
  };
}

/** What the page remembers from one visit to the next; a browser may refuse. */
const memory = {
  get(key) { try { return localStorage.getItem("wstap." + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem("wstap." + key, value); } catch { /* it is only a convenience */ } },
};

/** Copies `text`, and says so on `button`. */
async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => { button.textContent = label; }, 1200);
}

/** Hands `bytes` to the user as a file. */
function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
