import type { QueryClient } from "@tanstack/react-query";

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
  private settling: ReturnType<typeof setTimeout> | undefined;
  private polling: ReturnType<typeof setInterval> | undefined;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<(connection: Connection) => void>();
  connection: Connection = "connecting";

  constructor(
    private readonly queries: QueryClient,
    private readonly address: string,
    private readonly open: (address: string) => EventSource = (at) => new EventSource(at),
  ) {}

  start(): void {
    this.connect();
    document.addEventListener("visibilitychange", this.look);
  }

  stop(): void {
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
    if (this.pending.size && this.settling === undefined) {
      this.settle();
      this.settling = setTimeout(() => {
        this.settling = undefined;
        if (this.pending.size) this.news([]);
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
      this.settle();
      if (!this.source && !this.polling) this.connect();
    }
  };

  private settle(): void {
    if (document.hidden) return;
    const topics = this.pending;
    this.pending = new Set();
    if (topics.size === 0) return;
    const anyRun = topics.has("run:*");
    const about = (of: string[] | undefined) =>
      of?.some((topic) => topics.has(topic) || (anyRun && topic.startsWith("run:"))) ?? false;
    void this.queries.invalidateQueries({ predicate: (query) => about(query.meta?.topics) });
  }

  private tell(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    for (const listener of this.listeners) listener(connection);
  }
}
