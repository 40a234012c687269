// From the file to the first picture.

async function start() {
  startTheme();
  if (!canUnpack()) {
    return fill(byId("notes"), el("p", {}, "This browser cannot unpack the report: it lacks DecompressionStream. Chrome and Edge 92, Safari 16.4, Firefox 113 and later can."));
  }
  payloads.find();
  await readRecords((part) => {
    if (part < 1) fill(byId("notes"), el("p", {}, `Reading the report: ${Math.round(part * 100)} %`));
  });
  if (payloads.elements.length > 0) await payloads.load(0);  // what the first picture shows
  showNotes();
  showTop();
  startConnections();
  startMessages();
  startTimeline();
  startPanels();
  startDetail();
  startSplitter();
  startKeys();
  startPrint();
  aboutConnection();
  readAddress();
  addEventListener("hashchange", readAddress);
  document.body.classList.add("ready");
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
