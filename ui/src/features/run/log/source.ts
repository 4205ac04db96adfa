import { foreign, mayPass } from "~/lib/problems";
import { answerAhead, PAGE, question } from "./portion";

/** A line of a log: [stream, seq, task, Unix seconds, level, logger, message]. */
export type Line = [number, number, number, number, number, string, string];

export interface Filter {
  level?: number;
  task?: number;
}

/** So many pages are kept: what is far from what is seen is asked for again. */
const KEPT = 60;
const WAIT_SECONDS = 20;
/** How long until what did not come is asked for again. */
const AGAIN_MS = 2000;
/** An answer that waits for lines is waited for that much longer. */
const PATIENCE_MS = 30_000;
/** So many rows of a filtered log are listed. */
const LISTED = 100_000;

/** The log of one attempt: rows asked for in pages as they are looked at, new ones as they come. With a filter, the
 * `place`-th row of the list is not the `place`-th of the log. */
export class LogSource {
  size = 0;
  over = false;
  /** Why what was asked for last did not come; undefined if it did. */
  failure: unknown;
  /** The rows that the filter lets through; undefined without one. */
  rows: number[] | undefined;
  /** Whether rows are still being looked for. */
  listing = false;
  private readonly pages = new Map<number, Line[]>();
  private readonly asked = new Set<number>();
  private readonly hits = new Map<number, Line>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly address: string,
    readonly attempt: number,
    private readonly filter: Filter,
    private readonly changed: () => void,
  ) {}

  /** How many rows the list has. */
  get count(): number {
    return this.rows ? this.rows.length : this.size;
  }

  async start(near: number): Promise<void> {
    const first = Math.floor(near / PAGE) * PAGE;
    if (this.isFiltered) {
      this.rows = [];
      this.listing = true;
    }
    await this.load(first / PAGE);
    if (this.isFiltered) await this.list(0);
    void this.follow();
  }

  stop(): void {
    this.stopping.abort();
  }

  rowAt(place: number): number {
    return this.rows ? (this.rows[place] ?? 0) : place;
  }

  placeOf(row: number): number {
    if (!this.rows) return Math.min(row, Math.max(0, this.size - 1));
    const found = this.rows.findIndex((one) => one >= row);
    return found < 0 ? Math.max(0, this.rows.length - 1) : found;
  }

  line(row: number): Line | undefined {
    return this.hits.get(row) ?? this.pages.get(Math.floor(row / PAGE))?.[row % PAGE];
  }

  /** Have the rows from one place of the list to another there soon. */
  want(from: number, to: number): void {
    if (this.rows) return;
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) {
      if (page * PAGE < this.size && !this.pages.has(page) && !this.asked.has(page)) void this.load(page);
    }
  }

  /** The rows from `first` on that hold a text, portion by portion, over the whole log. */
  async *search(text: string, signal: AbortSignal): AsyncGenerator<{ rows: number[]; looked: number }> {
    let first: number | null = 0;
    while (first !== null && !signal.aborted) {
      const found: Found = await this.lasting("/search", { ...this.chosen, text, first, limit: 5000 }, signal);
      first = found.next;
      yield { rows: found.rows, looked: first ?? this.size };
    }
  }

  /** The first row from `first` on of this level or above. */
  async next(level: number, first: number): Promise<number | undefined> {
    let from: number | null = first;
    while (from !== null) {
      const found: Found = await this.get("/search", { ...this.chosen, level, first: from, limit: 1 });
      if (found.rows[0] !== undefined) return found.rows[0];
      from = found.next;
    }
    return undefined;
  }

  get textAddress(): string {
    return `${this.address}/text?attempt=${this.attempt}`;
  }

  private get isFiltered(): boolean {
    return this.filter.level !== undefined || this.filter.task !== undefined;
  }

  private get chosen(): Record<string, string | number> {
    const { level, task } = this.filter;
    return { ...(level === undefined ? {} : { level }), ...(task === undefined ? {} : { task }) };
  }

  private async load(page: number): Promise<void> {
    this.asked.add(page);
    try {
      this.take(await this.get<Portion>("", { first: page * PAGE, limit: PAGE }));
    } catch (error) {
      // It stays asked for meanwhile: whoever looks at it would ask with every frame.
      this.tell(error);
      await this.pause();
    }
    this.asked.delete(page);
    if (!this.pages.has(page)) this.tell(this.failure);
  }

  /** Wait before what failed is tried again. */
  private pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }

  private take(portion: Portion): void {
    this.size = Math.max(this.size, portion.size);
    this.over = portion.over;
    for (const [at, line] of portion.lines.entries()) {
      const row = portion.first + at;
      const page = this.pages.get(Math.floor(row / PAGE)) ?? [];
      page[row % PAGE] = line;
      this.pages.delete(Math.floor(row / PAGE));
      this.pages.set(Math.floor(row / PAGE), page);
    }
    for (const page of this.pages.keys()) {
      if (this.pages.size <= KEPT) break;
      this.pages.delete(page);
    }
    this.tell(undefined);
  }

  /** Add the rows from `first` on that the filter lets through. */
  private async list(first: number): Promise<void> {
    this.listing = true;
    let from: number | null = first;
    try {
      while (from !== null && this.rows && this.rows.length < LISTED && !this.stopping.signal.aborted) {
        const query = { ...this.chosen, first: from, limit: 2000, lines: "true" };
        const found: Found = await this.lasting("/search", query, this.stopping.signal);
        for (const [at, row] of found.rows.entries()) {
          this.rows.push(row);
          const line = found.lines[at];
          if (line) this.hits.set(row, line);
        }
        from = found.next;
        this.tell(undefined);
      }
    } catch (error) {
      this.tell(error);
    }
    this.listing = false;
    this.tell(this.failure);
  }

  /** Ask for what comes, as long as something may. A server that is gone is asked again until it is back. */
  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    while (!this.over && !signal.aborted) {
      const before = this.size;
      try {
        this.take(await this.get<Portion>("", { first: before, limit: PAGE, wait: WAIT_SECONDS }));
        if (this.isFiltered && this.size > before) await this.list(before);
      } catch (error) {
        if (signal.aborted) return;
        this.tell(error);
        await this.pause();
      }
    }
  }

  private tell(failure: unknown): void {
    this.failure = failure;
    if (!this.stopping.signal.aborted) this.changed();
  }

  /** Ask until there is an answer: what was found so far is of no use alone. */
  private async lasting<T>(path: string, query: Query, signal: AbortSignal): Promise<T> {
    while (true) {
      try {
        const found = await this.get<T>(path, query, signal);
        if (this.failure) this.tell(undefined);
        return found;
      } catch (error) {
        if (signal.aborted || !mayPass(error)) throw error;
        this.tell(error);
        await this.pause();
      }
    }
  }

  private async get<T>(path: string, query: Query, signal: AbortSignal = this.stopping.signal): Promise<T> {
    const url = question(`${this.address}${path}`, this.attempt, query);
    const answer = await (answerAhead(url) ??
      fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS + WAIT_SECONDS * 1000)]),
        headers: { accept: "application/json" },
      }));
    const problem = foreign(answer);
    if (problem || !answer.ok) throw problem ?? (await answer.json());
    return answer.json();
  }
}

type Query = Record<string, string | number>;

interface Portion {
  first: number;
  size: number;
  over: boolean;
  lines: Line[];
}

interface Found {
  rows: number[];
  lines: Line[];
  next: number | null;
}
