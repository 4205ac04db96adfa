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

/** "14:05" today, "Tue 14:05" within six days, "3 Nov 14:05" within the year, else with the year. In the viewer's zone.
 */
export function moment(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return clock(at);
  if (Math.abs(at.getTime() - now.getTime()) < 6 * DAY) return `${WEEKDAYS[at.getDay()]?.slice(0, 3)} ${clock(at)}`;
  const date = `${at.getDate()} ${MONTHS[at.getMonth()]?.slice(0, 3)}`;
  return at.getFullYear() === now.getFullYear() ? `${date} ${clock(at)}` : `${date} ${at.getFullYear()} ${clock(at)}`;
}

/** "14:05", in the viewer's zone. */
export function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** "Monday 23 November", in the viewer's zone. */
export function longDay(at: Date): string {
  return `${WEEKDAYS[at.getDay()]} ${at.getDate()} ${MONTHS[at.getMonth()]}`;
}

/** "November 2026". month: from 1. */
export function longMonth(year: number, month: number): string {
  return `${MONTHS[month - 1]} ${year}`;
}

/** "2026-11-23 14:05:09 UTC": what a time's tip says. */
export function utc(at: Date): string {
  return `${at.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

/** "12,345" of a whole number. */
export function count(number: number): string {
  return String(number).replace(THOUSANDS, ",");
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

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/* By hand, for `Intl` takes about a millisecond to make a format and tens to load what it knows of languages: a third
   of a page's time. The pages are in English. */
const THOUSANDS = /\B(?=(\d{3})+$)/g;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
