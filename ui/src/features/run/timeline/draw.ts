import { duration } from "~/lib/format";
import { TONES } from "~/lib/states";
import { isTroubled, nameOf, stateOf, type Timeline, ticks } from "./model";

/** The height of a row, of the axis above the rows, and of the overview, in pixels. */
export const ROW = 20;
export const AXIS = 22;
export const STRIP = 44;

export interface View {
  width: number;
  height: number;
  /** How far down the rows are scrolled, in pixels. */
  scroll: number;
  /** What times are seen, in milliseconds after the origin. */
  window: [number, number];
  chosen: number;
  hovered: number;
}

/** The page's colours as a canvas needs them. */
export type Palette = Record<string, string>;

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "soft", "faint", "line", "card", "sunk", "hover", "accent", "accent-bg"];
  const tones = Object.values(TONES).flatMap((tone) => [tone, `${tone}-bg`]);
  return Object.fromEntries([...names, ...tones].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** Where the names end and the bars begin. */
export function gutter(width: number): number {
  return width < 520 ? 96 : Math.min(240, Math.round(width * 0.22));
}

export function drawRows(context: CanvasRenderingContext2D, line: Timeline, view: View, colours: Palette): void {
  const left = gutter(view.width);
  const scale = (view.width - left - 8) / (view.window[1] - view.window[0]);
  const x = (time: number) => left + (time - view.window[0]) * scale;
  context.clearRect(0, 0, view.width, view.height);
  drawAxis(context, line, view, colours, x, left);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, view.width, view.height - AXIS);
  context.clip();
  const first = Math.max(0, Math.floor(view.scroll / ROW));
  const last = Math.min(line.order.length - 1, Math.ceil((view.scroll + view.height) / ROW));
  for (let row = first; row <= last; row++) drawRow(context, line, view, colours, row, x, left);
  context.restore();
}

function drawAxis(
  context: CanvasRenderingContext2D,
  line: Timeline,
  view: View,
  colours: Palette,
  x: (at: number) => number,
  left: number,
): void {
  context.font = "11px ui-sans-serif, system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const since of ticks(view.window[0] - line.from, view.window[1] - line.from, (view.width - left) / 110)) {
    const place = Math.round(x(since + line.from)) + 0.5;
    if (place < left) continue;
    context.strokeStyle = colours.line ?? "";
    context.beginPath();
    context.moveTo(place, AXIS - 4);
    context.lineTo(place, view.height);
    context.stroke();
    const label = `+${duration(since)}`;
    // The last one stands before its line where there is no room behind it.
    const width = context.measureText(label).width;
    context.fillStyle = colours.faint ?? "";
    context.fillText(label, place + 4 + width > view.width ? place - 4 - width : place + 4, AXIS / 2);
  }
}

function drawRow(
  context: CanvasRenderingContext2D,
  line: Timeline,
  view: View,
  colours: Palette,
  row: number,
  x: (at: number) => number,
  left: number,
): void {
  const at = line.order[row] ?? 0;
  const top = AXIS + row * ROW - view.scroll;
  if (row === view.chosen || row === view.hovered) {
    context.fillStyle = (row === view.chosen ? colours["accent-bg"] : colours.hover) ?? "";
    context.fillRect(0, top, view.width, ROW);
  }
  const state = stateOf(line.columns, at);
  const tone = TONES[state as keyof typeof TONES] ?? "wait";
  const begin = x(line.begin[at] ?? 0);
  const width = Math.max(2, x(line.end[at] ?? 0) - begin);
  context.fillStyle = colours[tone] ?? "";
  if (line.columns.started[at] == null) context.globalAlpha = 0.35;
  context.fillRect(Math.max(left, begin), top + 5, Math.max(2, width - Math.max(0, left - begin)), ROW - 10);
  context.globalAlpha = 1;
  // A failure is more than a colour: a cross at its end.
  if (isTroubled(line.columns, at))
    cross(context, Math.min(view.width - 7, begin + width + 8), top + ROW / 2, colours.bad ?? "");
  context.fillStyle = (isTroubled(line.columns, at) ? colours.bad : colours.soft) ?? "";
  context.font = "12px ui-sans-serif, system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillText(fitted(context, nameOf(line.columns, at), left - 20), 10, top + ROW / 2 + 0.5);
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 3, y - 3);
  context.lineTo(x + 3, y + 3);
  context.moveTo(x + 3, y - 3);
  context.lineTo(x - 3, y + 3);
  context.stroke();
  context.lineWidth = 1;
}

const widths = new Map<string, string>();

/** The text, cut so that it fits. Names are few: each is measured once a width. */
function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${room} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  let shown = text.slice(0, 200);
  while (shown.length > 1 && context.measureText(`${shown}…`).width > room) shown = shown.slice(0, -1);
  if (shown !== text) shown += "…";
  if (widths.size > 5000) widths.clear();
  widths.set(key, shown);
  return shown;
}

/** The whole run in a strip: how many tasks went on at each moment, failures as marks, what is seen as a frame. */
export function drawStrip(context: CanvasRenderingContext2D, line: Timeline, view: View, colours: Palette): void {
  context.clearRect(0, 0, view.width, STRIP);
  const scale = view.width / (line.to - line.from);
  const { busy, bad } = density(line, view.width);
  const most = Math.max(1, ...busy);
  context.fillStyle = colours["live-bg"] ?? "";
  context.strokeStyle = colours.live ?? "";
  context.beginPath();
  context.moveTo(0, STRIP);
  for (let x = 0; x < busy.length; x++) context.lineTo(x, STRIP - 2 - ((busy[x] ?? 0) / most) * (STRIP - 14));
  context.lineTo(view.width, STRIP);
  context.fill();
  context.stroke();
  context.fillStyle = colours.bad ?? "";
  for (const x of bad) context.fillRect(x, 0, 2, 10);
  const from = (view.window[0] - line.from) * scale;
  const to = (view.window[1] - line.from) * scale;
  context.fillStyle = colours.accent ?? "";
  context.globalAlpha = 0.12;
  context.fillRect(from, 0, Math.max(3, to - from), STRIP);
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent ?? "";
  context.strokeRect(Math.round(from) + 0.5, 0.5, Math.max(3, Math.round(to - from)), STRIP - 1);
}

interface Density {
  width: number;
  /** How many tasks went on at each pixel. */
  busy: Float64Array;
  /** The pixels with failures: however many there are of these, a strip has few of those. */
  bad: number[];
}

const kept = new WeakMap<Timeline, Density>();

function density(line: Timeline, width: number): Density {
  const known = kept.get(line);
  if (known?.width === width) return known;
  const busy = new Float64Array(Math.max(1, Math.ceil(width)) + 1);
  const scale = width / (line.to - line.from);
  const pixel = (time = 0) => Math.floor((time - line.from) * scale);
  for (const at of line.order) {
    const first = pixel(line.begin[at]);
    const after = Math.min(busy.length - 1, pixel(line.end[at]) + 1);
    busy[first] = (busy[first] ?? 0) + 1;
    busy[after] = (busy[after] ?? 0) - 1;
  }
  for (let x = 1; x < busy.length; x++) busy[x] = (busy[x] ?? 0) + (busy[x - 1] ?? 0);
  const ends = line.troubled.map((row) => Math.min(width - 2, pixel(line.end[line.order[row] ?? 0]) - 1));
  const found = { width, busy, bad: [...new Set(ends)] };
  kept.set(line, found);
  return found;
}
