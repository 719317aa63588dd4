/** Numbers and times as people read them. */

const MINUS = "−";

export function count(n: number): string {
  return n.toLocaleString("en-US");
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A figure to a sensible number of digits, with a real minus sign. */
export function figure(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size > 0 && size < 0.5 * 10 ** -digits) return value.toPrecision(1).replaceAll("-", MINUS); // which is not nothing
  const text = size >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toFixed(digits);
  return text.replace("-", MINUS);
}

export function money(dollars: number | null | undefined): string {
  if (dollars === null || dollars === undefined) return "unknown";
  if (dollars === 0) return "$0.00";
  return dollars < 0.01 ? "under $0.01" : `$${dollars.toFixed(2)}`;
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  return n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} kB` : `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** A day and time of day, as the reader's clock has it. */
export function day(seconds: number): string {
  const then = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${two(then.getHours())}:${two(then.getMinutes())}`;
}

/** When something was, relative to now. */
export function ago(when: number | string | null | undefined, now = Date.now()): string {
  if (when === null || when === undefined || when === "") return "–";
  const then = typeof when === "number" ? when * 1000 : Date.parse(when);
  if (!Number.isFinite(then)) return "–";
  const seconds = Math.max(0, (now - then) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86400) return `${Math.floor(seconds / 86400)} d ago`;
  return new Date(then).toISOString().slice(0, 10);
}
