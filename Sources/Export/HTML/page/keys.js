// Keys, colours and help.

const help = [
  ["j  k  ↓  ↑", "next and previous message"], ["J  K", "next and previous connection"], ["Home  End", "first and last message"],
  ["/", "filter messages"], ["f", "find a connection"], ["Esc", "clear the filter, then close the message"],
  ["c", "hide or show control frames"], ["v", "show the content in another way"], ["1 … 4", "tabs"], ["0  +  −", "timeline: all, closer, farther"],
  ["r", "from a request to its reply, and back"], ["t", "colours: system, light, dark"], ["?", "this help"],
];

const themes = ["system", "light", "dark"];

function setTheme(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  const button = byId("theme");
  button.title = `Colours: ${name === "system" ? "as the system" : name} (t)`;
  button.textContent = { system: "◐", light: "☀", dark: "☾" }[name];
  drawTimeline();
}

function startTheme() {
  const known = memory.get("theme");
  let chosen = themes.includes(known) ? known : "system";
  setTheme(chosen);
  byId("theme").addEventListener("click", () => {
    chosen = themes[(themes.indexOf(chosen) + 1) % themes.length];
    memory.set("theme", chosen);
    setTheme(chosen);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawTimeline());
}

function showHelp() {
  const dialog = byId("keys");
  if (dialog.open) return dialog.close();
  fill(dialog,
    el("div", { class: "line" }, el("h2", {}, "Keys"), el("span", { class: "push" }), el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => dialog.close() }, "✕")),
    el("dl", { class: "facts" }, help.flatMap(([keys, text]) => [el("dt", {}, keys.split("  ").map((key) => [el("kbd", {}, key), " "])), el("dd", {}, text)])),
    el("p", {}, "Filter: text, or a regular expression with ", el("b", {}, ".*"), ", or bytes with ", el("code", {}, "hex:0a ff"), ". It looks at whole payloads and at what the list says of a message, of all connections where “All connections” is selected."),
    el("p", {}, "Timeline: the wheel zooms, dragging moves, a double click shows all. Bars are messages, the higher the longer, or as high as all bytes of a moment where there are many; a line leads from the selected message to its reply or request; diamonds are pings, dots pongs, squares Close frames, triangles faults."),
    el("p", { class: "dim" }, "↑ is sent by the client, ↓ by the server. Times count from the handshake, or from the first message where all connections are shown. The address of the page leads back to what is selected."));
  dialog.showModal();
}

/** The selected connection's neighbour. */
function stepConnection(by) {
  connectionList.move(by);
}

function nextView() {
  const tabs = [...byId("detail").querySelectorAll("[role=tab]")], chosen = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  tabs[(chosen + 1) % tabs.length]?.click();
}

function goBack() {
  if (document.body.classList.contains("lists")) document.body.classList.remove("lists");
  else if (isFiltering()) clearFilter();  // the selected message stays, with what is around it
  else if (state.row) { selectRow(null); byId("messages").focus(); }
}

const keyActions = {
  j: () => messageList.move(1), k: () => messageList.move(-1), ArrowDown: () => messageList.move(1), ArrowUp: () => messageList.move(-1),
  Home: () => messageList.select(0), End: () => messageList.select(messageList.items.length - 1),
  J: () => stepConnection(1), K: () => stepConnection(-1),
  "/": () => { selectTab("messages"); byId("filter").focus(); byId("filter").select(); },
  f: () => { document.body.classList.add("lists"); byId("find").focus(); byId("find").select(); },
  c: () => byId("control").click(), v: nextView, r: goToPartner, t: () => byId("theme").click(), "?": showHelp, Escape: goBack,
  "0": () => timeline.fit(), "+": () => zoom(0.6), "-": () => zoom(1.6),
};

function startKeys() {
  byId("help").addEventListener("click", showHelp);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    if (event.target.tagName === "SELECT") return;
    const target = event.target, isTyping = target.tagName === "INPUT";
    if (isTyping) {
      if (event.key === "Escape") {
        event.preventDefault();
        if (target.value === "") return target.blur();
        target.value = "";
        target.dispatchEvent(new Event("input"));
      } else if (target.id === "filter" && ["ArrowDown", "Enter"].includes(event.key)) {
        byId("messages").focus();
        if (messageList.selected < 0) messageList.select(0);
        event.preventDefault();
      }
      return;
    }
    // What scrolls, and has the focus, scrolls.
    if (event.key.startsWith("Arrow") && target.classList?.contains("scrolls")) return;
    const tab = tabsOf()[Number(event.key) - 1];
    const action = tab ? () => selectTab(tab[0]) : keyActions[event.key];
    if (!action || state.tab !== "messages" && /^(Arrow|Home|End|[jkcvr]$)/.test(event.key)) return;
    event.preventDefault();
    action();
  });
}
