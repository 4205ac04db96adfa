import { pieces } from "./ansi";
import type { LogSource } from "./source";

/** The height of a row in pixels; `h-5` below says the same. */
export const ROW = 20;
/** Browsers show nothing beyond some ten million pixels: a longer log is scrolled in larger steps. */
const TALLEST = 8_000_000;
const SPARE = 4;
/** So much of a line is shown; all of it is below the list. */
const LONGEST = 4000;
/** Room for the words about further lines of a message. */
const MORE_CHARACTERS = 16;

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
  private tall = -1;
  private start = 0;
  private widest = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly source: () => LogSource,
    private readonly onScrolled: () => void,
  ) {
    this.spacer.className = "relative w-full";
    // As wide as the longest line that was seen, in characters: measuring every row anew for each frame takes most of it.
    this.sheet.className =
      "absolute top-0 left-0 w-[calc(15.5rem+var(--widest)*1ch)] min-w-full will-change-transform max-md:w-[calc(1.75rem+var(--widest)*1ch)]";
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
    const { height } = this;
    // Written only where it changes: whatever is read after it would have the browser lay out everything anew.
    if (height !== this.tall) this.spacer.style.height = `${height}px`;
    this.tall = height;
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
    const shift = source.count * ROW <= TALLEST ? 0 : Math.round(this.box.scrollTop - this.first * ROW);
    const state = `${first} ${last} ${shift}`;
    if (state === this.drawn) return;
    this.drawn = state;
    this.turn(first);
    this.sheet.style.transform = `translateY(${first * ROW + shift}px)`;
    while (this.rows.length <= last - first) this.add();
    for (const [at, element] of this.rows.entries()) {
      if (first + at <= last) this.fill(element, first + at);
      else element.hide();
    }
  };

  /** Take the rows that went out of sight to the other end, so that every other keeps its element, and only those that
   * come into sight are written. One place that changes is cheaper than one of each row: browsers are slow with many
   * styles of their own. */
  private turn(first: number): void {
    const by = first - this.start;
    this.start = first;
    if (by === 0 || Math.abs(by) >= this.rows.length) return;
    const moved = by > 0 ? this.rows.splice(0, by) : this.rows.splice(by);
    const elements = moved.map((row) => row.element);
    if (by > 0) {
      this.rows.push(...moved);
      this.sheet.append(...elements);
    } else {
      this.rows.unshift(...moved);
      this.sheet.prepend(...elements);
    }
  }

  private fill(element: RowElement, place: number): void {
    const source = this.source();
    const row = source.rowAt(place);
    const line = source.line(row);
    if (!line) {
      element.wait(row);
    } else if (element.show(row, line[3], line[4], line[6], this.marks)) {
      this.widen(widthOf(line[6]));
    }
  }

  private widen(characters: number): void {
    if (characters <= this.widest) return;
    this.widest = characters;
    this.sheet.style.setProperty("--widest", String(characters));
  }

  private add(): void {
    const made = new RowElement();
    this.rows.push(made);
    this.sheet.append(made.element);
  }
}

class RowElement {
  readonly element = document.createElement("div");
  private readonly number = document.createElement("a");
  private readonly when = document.createElement("span");
  private readonly text = document.createElement("span");
  private shown = "";

  constructor() {
    this.number.className = "w-16 shrink-0 select-none pr-3 text-right text-faint no-underline max-md:hidden";
    this.when.className = WHEN_LOOK;
    this.text.className = "whitespace-pre pr-4 max-md:pl-3";
    this.number.tabIndex = -1;
    this.element.append(this.number, this.when, this.text);
  }

  hide(): void {
    this.element.style.display = "none";
    this.shown = "";
  }

  wait(row: number): void {
    this.look(row, "");
    write(this.when, "");
    write(this.text, "…");
    this.shown = "";
  }

  /** Show a line; false if it is shown already. */
  show(row: number, at: number, level: number, message: string, marks: Marks): boolean {
    const mark =
      row === marks.hit ? "bg-warn-bg" : row === marks.chosen ? "bg-accent-bg" : level >= 40 ? "bg-bad-bg/50" : "";
    const state = `${row} ${mark} ${marks.text}`;
    if (state === this.shown) return false;
    this.shown = state;
    this.look(row, mark);
    // Time and level in one element: what is drawn in a frame is counted in elements.
    write(this.when, `${clock(at)}  ${levelName(level)}`);
    put(this.when, `${WHEN_LOOK} ${levelLook(level)}`);
    if (isPlain(message, marks.text)) write(this.text, message);
    else this.text.replaceChildren(...contents(message, marks.text));
    return true;
  }

  private look(row: number, mark: string): void {
    if (this.element.style.display) this.element.style.display = "";
    put(this.element, `${ROW_LOOK} ${mark}`);
    this.element.dataset.row = String(row);
    write(this.number, String(row + 1));
  }
}

const WHEN_LOOK = "w-42 shrink-0 select-none whitespace-pre max-md:hidden";
const ROW_LOOK = "flex h-5 w-full cursor-pointer leading-5 [contain:strict] hover:bg-hover";

/** Set an element's classes where they change: the browser looks for styles anew even when they do not. */
function put(element: HTMLElement, look: string): void {
  if (element.className !== look) element.className = look;
}

/** Set an element's text in the node that is there: a new one would have to be laid out as one. */
function write(element: HTMLElement, text: string): void {
  const node = element.firstChild;
  if (node?.nodeType === Node.TEXT_NODE && !node.nextSibling) (node as Text).data = text;
  else element.textContent = text;
}

/** The most characters that the shown part of a message is wide; signs of other scripts count twice. */
function widthOf(message: string): number {
  const end = message.search(/\r?\n/);
  const line = (end < 0 ? message : message.slice(0, end)).slice(0, LONGEST);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is plain ASCII
  const plain = /^[\x00-\x7f]*$/.test(line);
  return (plain ? line.length : line.length * 2) + (end < 0 ? 0 : MORE_CHARACTERS);
}

/** Whether a message is shown as it is: most are. */
function isPlain(message: string, wanted: string): boolean {
  if (message.length >= 1000 || (wanted && message.toLowerCase().includes(wanted))) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return !/[\x00-\x1f\x7f]/.test(message);
}

/** The first line of a message as nodes, with what is looked for marked; of others only that there are some. */
function contents(message: string, wanted: string): Node[] {
  const end = message.search(/\r?\n/);
  const nodes: Node[] = [];
  const line = (end < 0 ? message : message.slice(0, end)).slice(0, LONGEST);
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
