import { pieces } from "./ansi";
import type { LogSource } from "./source";

/** The height of a row in pixels; `h-5` below says the same. */
export const ROW = 20;
/** Browsers show nothing beyond some ten million pixels: a longer log is scrolled in larger steps. */
const TALLEST = 8_000_000;
const SPARE = 6;

const LEVEL_LOOK: [number, string][] = [
  [50, "text-crash"],
  [40, "text-bad"],
  [30, "text-warn"],
  [20, "text-soft"],
  [-Infinity, "text-faint"],
];
const LEVEL_NAMES: Record<number, string> = { 10: "debug", 20: "info", 30: "warn", 40: "error", 50: "critical" };

export interface Marks {
  /** What is looked for, in lower case. */
  text: string;
  /** The row of the current hit. */
  hit?: number;
  /** The row that was chosen. */
  chosen?: number;
}

/** The rows of a log that are seen, as elements that are used again and again. Outside of React: scrolling changes some
 * texts and moves one element, nothing more. */
export class LogPool {
  marks: Marks = { text: "" };
  /** Whether the end is kept in sight as lines come. */
  following = false;
  private readonly spacer = document.createElement("div");
  private readonly sheet = document.createElement("div");
  private readonly rows: RowElement[] = [];
  private frame = 0;
  private drawn = "";

  constructor(
    private readonly box: HTMLElement,
    private readonly source: () => LogSource,
    private readonly onScrolled: () => void,
  ) {
    this.spacer.className = "relative w-full";
    this.sheet.className = "absolute top-0 left-0 min-w-full w-max";
    this.spacer.append(this.sheet);
    box.replaceChildren(this.spacer);
    box.addEventListener("scroll", this.scrolled, { passive: true });
  }

  stop(): void {
    this.box.removeEventListener("scroll", this.scrolled);
    cancelAnimationFrame(this.frame);
    this.box.replaceChildren();
  }

  /** Draw again soon: something changed. */
  refresh(): void {
    this.drawn = "";
    this.frame ||= requestAnimationFrame(this.draw);
  }

  /** Bring a place of the list into sight. */
  show(place: number): void {
    this.resize();
    const top = this.topOf(place);
    const end = this.box.scrollTop + this.box.clientHeight;
    const seen = top >= this.box.scrollTop + ROW && top + 2 * ROW <= end;
    if (!seen) this.box.scrollTop = Math.max(0, top - this.box.clientHeight / 3);
    this.refresh();
  }

  toEnd(): void {
    this.resize();
    this.box.scrollTop = this.box.scrollHeight;
    this.refresh();
  }

  get atEnd(): boolean {
    return this.box.scrollTop + this.box.clientHeight >= this.box.scrollHeight - 2 * ROW;
  }

  /** The first place that is seen. */
  get first(): number {
    const { count } = this.source();
    const room = this.height - this.box.clientHeight;
    if (count * ROW <= TALLEST || room <= 0) return Math.floor(this.box.scrollTop / ROW);
    return Math.round((this.box.scrollTop / room) * (count - this.box.clientHeight / ROW));
  }

  private get height(): number {
    return Math.min(TALLEST, this.source().count * ROW);
  }

  private topOf(place: number): number {
    const { count } = this.source();
    if (count * ROW <= TALLEST) return place * ROW;
    return (place / (count - this.box.clientHeight / ROW)) * (this.height - this.box.clientHeight);
  }

  private scrolled = (): void => {
    this.frame ||= requestAnimationFrame(this.draw);
    this.onScrolled();
  };

  private resize(): void {
    this.spacer.style.height = `${this.height}px`;
  }

  private draw = (): void => {
    this.frame = 0;
    const source = this.source();
    this.resize();
    if (this.following) this.box.scrollTop = this.box.scrollHeight;
    const seen = Math.ceil(this.box.clientHeight / ROW);
    const first = Math.max(0, Math.min(this.first, source.count - 1) - SPARE);
    const last = Math.min(source.count - 1, first + seen + 2 * SPARE);
    source.want(first, last);
    const state = `${first} ${last}`;
    if (state === this.drawn) return;
    this.drawn = state;
    const top = source.count * ROW <= TALLEST ? first * ROW : this.box.scrollTop - (this.first - first) * ROW;
    this.sheet.style.transform = `translateY(${top}px)`;
    for (let place = first; place <= last; place++) this.fill(place - first, place);
    for (let spare = Math.max(0, last - first + 1); spare < this.rows.length; spare++) this.rows[spare]?.hide();
  };

  private fill(slot: number, place: number): void {
    const source = this.source();
    const element = this.rows[slot] ?? this.add();
    const row = source.rowAt(place);
    const line = source.line(row);
    if (line) element.show(row, line[3], line[4], line[6], this.marks);
    else element.wait(row);
  }

  private add(): RowElement {
    const made = new RowElement();
    this.rows.push(made);
    this.sheet.append(made.element);
    return made;
  }
}

class RowElement {
  readonly element = document.createElement("div");
  private readonly number = document.createElement("a");
  private readonly time = document.createElement("span");
  private readonly level = document.createElement("span");
  private readonly text = document.createElement("span");
  private shown = "";

  constructor() {
    this.number.className = "w-16 shrink-0 select-none pr-3 text-right text-faint no-underline max-md:hidden";
    this.time.className = "w-28 shrink-0 select-none text-faint max-md:hidden";
    this.level.className = "w-14 shrink-0 select-none max-md:hidden";
    this.text.className = "whitespace-pre pr-4 max-md:pl-3";
    this.number.tabIndex = -1;
    this.element.append(this.number, this.time, this.level, this.text);
  }

  hide(): void {
    this.element.style.display = "none";
    this.shown = "";
  }

  wait(row: number): void {
    this.look(row, "");
    this.time.textContent = "";
    this.level.textContent = "";
    this.text.textContent = "…";
    this.shown = "";
  }

  show(row: number, at: number, level: number, message: string, marks: Marks): void {
    const mark =
      row === marks.hit ? "bg-warn-bg" : row === marks.chosen ? "bg-accent-bg" : level >= 40 ? "bg-bad-bg/50" : "";
    const state = `${row} ${mark} ${marks.text}`;
    this.element.style.display = "";
    if (state === this.shown) return;
    this.shown = state;
    this.look(row, mark);
    this.time.textContent = clock(at);
    this.level.textContent = levelName(level);
    this.level.className = `w-14 shrink-0 select-none max-md:hidden ${levelLook(level)}`;
    this.text.replaceChildren(...contents(message, marks.text));
  }

  private look(row: number, mark: string): void {
    this.element.style.display = "";
    this.element.className = `flex h-5 cursor-pointer leading-5 hover:bg-hover ${mark}`;
    this.element.dataset.row = String(row);
    this.number.textContent = String(row + 1);
  }
}

/** The first line of a message as nodes, with what is looked for marked; of others only that there are some. */
function contents(message: string, wanted: string): Node[] {
  const end = message.search(/\r?\n/);
  const nodes: Node[] = [];
  const line = (end < 0 ? message : message.slice(0, end)).slice(0, 4000);
  for (const { text, look } of pieces(line)) nodes.push(...marked(text, look, wanted));
  if (end >= 0) nodes.push(span(`  ⏎ ${message.split("\n").length - 1} more`, "text-faint"));
  return nodes;
}

function marked(text: string, look: string, wanted: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  const lower = wanted ? text.toLowerCase() : "";
  for (let at = wanted ? lower.indexOf(wanted) : -1; at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) nodes.push(span(text.slice(from, at), look));
    nodes.push(span(text.slice(at, at + wanted.length), `${look} rounded-xs bg-warn-bg outline outline-warn`));
    from = at + wanted.length;
  }
  if (from < text.length) nodes.push(span(text.slice(from), look));
  return nodes;
}

function span(text: string, look: string): Node {
  if (!look) return document.createTextNode(text);
  const made = document.createElement("span");
  made.className = look;
  made.textContent = text;
  return made;
}

export function levelName(level: number): string {
  return LEVEL_NAMES[level] ?? String(level);
}

export function levelLook(level: number): string {
  return LEVEL_LOOK.find(([least]) => level >= least)?.[1] ?? "";
}

function clock(at: number): string {
  const date = new Date(at * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
