// Numbers, sizes and times as people read them.

/** 1,234,567; also for lengths that are strings, as no number holds them. */
const group = (value) => (typeof value === "string" ? BigInt(value) : value).toLocaleString("en");

/** "1 message", "2 messages". */
const count = (value, word) => `${group(value)} ${word}${Number(value) === 1 ? "" : "s"}`;

/** 47 B, 1.2 KiB. */
function size(value) {
  const bytes = Number(value);
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let scaled = bytes / 1024, unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) { scaled /= 1024; unit += 1; }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** Nanoseconds as 412 ns, 1.2 ms, 3.42 s, 2 min 03 s. */
function duration(nanoseconds) {
  const sign = nanoseconds < 0 ? "−" : "", value = Math.abs(nanoseconds);
  if (value < 1e3) return `${sign}${value} ns`;
  if (value < 1e6) return `${sign}${digits(value / 1e3)} µs`;
  if (value < 1e9) return `${sign}${digits(value / 1e6)} ms`;
  if (value < 60e9) return `${sign}${digits(value / 1e9)} s`;
  const seconds = Math.round(value / 1e9), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = (n) => String(n).padStart(2, "0");
  if (hours > 0) return `${sign}${hours} h ${two(minutes % 60)} min`;
  return `${sign}${minutes} min ${two(seconds % 60)} s`;
}

/** Three digits that count. */
const digits = (value) => value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);

/** Nanoseconds as seconds with microseconds, as packet tools print them. */
const seconds = (nanoseconds) => (nanoseconds / 1e9).toFixed(6);

/** `nanoseconds` after the report's base, as 2026-11-20 04:52:02.387460123 UTC. */
function clock(nanoseconds) {
  const total = report.base + BigInt(Math.round(nanoseconds));
  let second = total / 1_000_000_000n, rest = total % 1_000_000_000n;
  if (rest < 0n) { rest += 1_000_000_000n; second -= 1n; }
  const date = new Date(Number(second) * 1000);
  if (Number.isNaN(date.getTime())) return "unknown";
  return `${date.toISOString().slice(0, 19).replace("T", " ")}.${String(rest).padStart(9, "0")} UTC`;
}

/** RFC 3339 text as nanoseconds after the report's base; null for null. */
function moment(text) {
  const parts = /^(-?\d+-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text ?? "");
  if (!parts) return null;
  const second = BigInt(Date.parse(parts[1] + "Z")) * 1_000_000n;
  return Number(second + BigInt((parts[2] ?? "").padEnd(9, "0")) - report.base);
}

/** Hexadecimal of `width` digits. */
const hex = (value, width) => value.toString(16).padStart(width, "0");
