/** Pure text from values. Times come as the server writes them (RFC 3339) and are shown in the viewer's zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h" of milliseconds. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return pair(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return pair(ms, HOUR, "h", MINUTE, "min");
  return pair(ms, DAY, "d", HOUR, "h");
}

/** How far `at` is from `now`: "in 4 min", "2 h ago", "just now". */
export function distance(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const size = Math.abs(ms);
  if (size < 5 * SECOND) return "just now";
  const text = coarse(size);
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

/** "14:05" today, "Tue 14:05" within six days, "3 Nov 14:05" within the year, else with the year. In the given zone. */
export function moment(at: Date, now: Date, zone?: string): string {
  const clock = format(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone);
  if (day(at, zone) === day(now, zone)) return clock;
  if (Math.abs(at.getTime() - now.getTime()) < 6 * DAY) return `${format(at, { weekday: "short" }, zone)} ${clock}`;
  const date = format(at, { day: "numeric", month: "short" }, zone);
  if (at.getFullYear() === now.getFullYear()) return `${date} ${clock}`;
  return `${date} ${format(at, { year: "numeric" }, zone)} ${clock}`;
}

/** "2026-11-23 14:05:09 UTC": what a time's tip says. */
export function utc(at: Date): string {
  return `${at.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

/** "12,345". */
export function count(number: number): string {
  return number.toLocaleString("en");
}

/** "1 run", "2 runs". */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

/** The beginning of a commit, as git shortens it. */
export function shortCommit(commit: string | null | undefined): string {
  return (commit ?? "").slice(0, 8);
}

/** The first line of a text, cut to a length. */
export function firstLine(text: string | null | undefined, length = 200): string {
  const line = (text ?? "").trim().split("\n", 1)[0] ?? "";
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

function coarse(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} d`;
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms - whole * large) / small);
  return rest ? `${whole} ${largeName} ${rest} ${smallName}` : `${whole} ${largeName}`;
}

function day(at: Date, zone?: string): string {
  return format(at, { year: "numeric", month: "numeric", day: "numeric" }, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: Date, options: Intl.DateTimeFormatOptions, zone?: string): string {
  const key = `${zone}${JSON.stringify(options)}`;
  const found = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  formats.set(key, found);
  return found.format(at);
}
