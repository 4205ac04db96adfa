import type { Query, QueryClient } from "@tanstack/react-query";

/** What a query depends on, named in its `meta.topics`: it is asked again when one of them changed, and at no other time.
 *
 * `run:<id>` one run, its tasks and results; `runs` any run; `deployments` what is deployed, its pauses and schedules;
 * `workers`; `values` variables and the like; `attention` what was acknowledged.
 */
export type Topic = `run:${string}` | "runs" | "deployments" | "workers" | "values" | "attention";

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: { topics?: Topic[] };
  }
}

/** How often what a topic touches is asked for again at most, however fast the news come. */
const SETTLE_MS = 1000;
/** After an answer nothing is asked for so many times as long as it took: what is large is asked for less often. */
const REST = 4;
/** Without a stream everything on the page is asked for this often. */
const POLL_MS = 5000;
/** How long until the stream is tried again after it broke. */
const RETRY_MS = 5000;
/** A server says that it is there at least every quarter of a minute; after so long without a word it is not. */
const SILENT_MS = 40_000;
/** How long the page of a tab in the background stays connected. */
const HIDDEN_MS = 10_000;

export type Connection = "connecting" | "live" | "polling";

/** Keeps what is on the page true: by server-sent events, by asking again where there are none. */
export class Live {
  private source: EventSource | undefined;
  private last = "";
  private pending = new Set<string>();
  /** Queries that news came of while they rested. */
  private late = new Set<Query>();
  private settling: ReturnType<typeof setTimeout> | undefined;
  private polling: ReturnType<typeof setInterval> | undefined;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private took = new WeakMap<Query, { began: number; ended: number }>();
  private unwatch: (() => void) | undefined;
  private listeners = new Set<(connection: Connection) => void>();
  connection: Connection = "connecting";

  constructor(
    private readonly queries: QueryClient,
    private readonly address: string,
    private readonly open: (address: string) => EventSource = (at) => new EventSource(at),
  ) {}

  start(): void {
    this.unwatch ??= this.watch();
    this.connect();
    document.addEventListener("visibilitychange", this.look);
  }

  stop(): void {
    this.unwatch?.();
    this.unwatch = undefined;
    document.removeEventListener("visibilitychange", this.look);
    this.source?.close();
    clearTimeout(this.settling);
    clearInterval(this.polling);
    clearTimeout(this.retrying);
    clearTimeout(this.hiding);
    clearTimeout(this.silence);
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Take news of topics. */
  news(topics: Iterable<string>): void {
    for (const topic of topics) this.pending.add(topic);
    if ((this.pending.size || this.late.size) && this.settling === undefined) {
      this.settle();
      this.settling = setTimeout(() => {
        this.settling = undefined;
        this.news([]);
      }, SETTLE_MS);
    }
  }

  private connect(): void {
    const resume = this.last ? `?after=${encodeURIComponent(this.last)}` : "";
    const source = this.open(this.address + resume);
    this.source = source;
    this.heard();
    source.onopen = () => {
      this.heard();
      clearInterval(this.polling);
      this.polling = undefined;
      this.tell("live");
    };
    source.addEventListener("here", () => this.heard());
    source.addEventListener("news", (event) => {
      this.heard();
      this.last = event.lastEventId || this.last;
      this.news(JSON.parse(event.data).topics);
    });
    // What was missed is not known: everything may have changed.
    source.addEventListener("lost", (event) => {
      this.last = event.lastEventId || this.last;
      void this.queries.invalidateQueries();
    });
    // The server ends every stream after a while, to see the session again.
    source.addEventListener("again", () => {
      source.close();
      this.connect();
    });
    source.onerror = () => this.broken();
  }

  /** A connection may be gone without anybody being told: of a machine that slept, behind a proxy that forgot it. */
  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.broken(), SILENT_MS);
  }

  private broken(): void {
    clearTimeout(this.silence);
    this.source?.close();
    this.tell("polling");
    this.polling ??= setInterval(this.poll, POLL_MS);
    clearTimeout(this.retrying);
    this.retrying = setTimeout(() => this.connect(), RETRY_MS);
  }

  private poll = (): void => {
    if (!document.hidden) void this.queries.invalidateQueries();
  };

  /** A page that nobody looks at holds no connection: browsers have six a server, for all its tabs together. */
  private look = (): void => {
    clearTimeout(this.hiding);
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        clearTimeout(this.silence);
        this.source?.close();
        this.source = undefined;
      }, HIDDEN_MS);
    } else {
      this.news([]);
      if (!this.source && !this.polling) this.connect();
    }
  };

  private settle(): void {
    if (document.hidden) return;
    const topics = this.pending;
    const late = this.late;
    this.pending = new Set();
    this.late = new Set();
    if (topics.size === 0 && late.size === 0) return;
    const anyRun = topics.has("run:*");
    const about = (topic: string) => topics.has(topic) || (anyRun && topic.startsWith("run:"));
    const due = new Set<Query>();
    for (const query of this.queries.getQueryCache().getAll()) {
      if (!late.has(query) && !query.meta?.topics?.some(about)) continue;
      (this.rests(query) ? this.late : due).add(query);
    }
    void this.queries.invalidateQueries({ predicate: (query) => due.has(query) });
  }

  /** Whether a query is under way, or has just been: an answer that takes long would else be given up for the next one
   * again and again, or keep the server and this page at nothing else. */
  private rests(query: Query): boolean {
    if (query.state.fetchStatus !== "idle") return true;
    const took = this.took.get(query);
    return took !== undefined && took.ended + REST * (took.ended - took.began) > Date.now();
  }

  private watch(): () => void {
    return this.queries.getQueryCache().subscribe((event) => {
      if (event.type !== "updated") return;
      if (event.action.type === "fetch") this.took.set(event.query, { began: Date.now(), ended: 0 });
      const took = this.took.get(event.query);
      if (took && (event.action.type === "success" || event.action.type === "error")) took.ended = Date.now();
    });
  }

  private tell(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    for (const listener of this.listeners) listener(connection);
  }
}
