import { STATES } from "~/lib/states";

type RunState = (typeof STATES)[number];

/** What the address of the list of runs keeps. */
export interface RunsSearch {
  text?: string;
  state?: RunState[];
  not_state?: RunState[];
  tag?: string[];
  not_tag?: string[];
  deployment?: string;
  not_deployment?: string[];
  /** How far back: "1h", "24h", "7d", "30d". */
  since?: string;
  /** The id of the last run of the page before. */
  after?: string;
}

export const SPANS: Record<string, [string, number]> = {
  "1h": ["Last hour", 3_600_000],
  "24h": ["Last 24 hours", 86_400_000],
  "7d": ["Last 7 days", 7 * 86_400_000],
  "30d": ["Last 30 days", 30 * 86_400_000],
};

export function readRunsSearch(given: Record<string, unknown>): RunsSearch {
  const since = typeof given.since === "string" && given.since in SPANS ? given.since : undefined;
  const after = typeof given.after === "string" && /^[0-9a-f]{32}$/.test(given.after) ? given.after : undefined;
  return {
    text: text(given.text),
    state: states(given.state),
    not_state: states(given.not_state),
    tag: texts(given.tag),
    not_tag: texts(given.not_tag),
    deployment: text(given.deployment),
    not_deployment: texts(given.not_deployment),
    since,
    after,
  };
}

/** Whether anything narrows the list. */
export function isNarrowed({ after: _, ...search }: RunsSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}

/** The search as the server takes it; `now` in Unix milliseconds, to the minute, so that asking again asks the same. */
export function asked({ since, after: _, ...search }: RunsSearch, now: number) {
  const span = since && SPANS[since]?.[1];
  const from = span ? new Date(Math.floor((now - span) / 60_000) * 60_000).toISOString() : undefined;
  return { ...search, ...(from ? { since: from } : {}) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value
    ? value.slice(0, 200)
    : typeof value === "number"
      ? String(value)
      : undefined;
}

function texts(value: unknown): string[] | undefined {
  const list = (Array.isArray(value) ? value : [value]).map(text).filter((one) => one !== undefined);
  return list.length ? [...new Set(list)].slice(0, 20) : undefined;
}

function states(value: unknown): RunState[] | undefined {
  const list = texts(value)?.filter((one): one is RunState => (STATES as string[]).includes(one));
  return list?.length ? list : undefined;
}
