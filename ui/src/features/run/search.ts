/** What the address of a run's page keeps. */
export const TABS = ["overview", "timeline", "graph", "log", "code", "attempts"] as const;
export type RunTab = (typeof TABS)[number];

export interface RunSearch {
  tab?: RunTab;
  /** The latest, if none is named. */
  attempt?: number;
  /** The row of the log that a link points to. */
  line?: number;
  /** Only lines of this level or above. */
  level?: number;
  /** A task's number. */
  task?: number;
  /** What is looked for in the log. */
  find?: string;
}

export function readSearch(given: Record<string, unknown>): RunSearch {
  const tab = TABS.find((one) => one === given.tab);
  return {
    tab: tab === "overview" ? undefined : tab,
    attempt: whole(given.attempt, 1),
    line: whole(given.line, 0),
    level: whole(given.level, 0),
    task: whole(given.task, 0),
    find: typeof given.find === "string" && given.find ? given.find.slice(0, 200) : undefined,
  };
}

function whole(value: unknown, least: number): number | undefined {
  const number = Number(value);
  return value !== "" && Number.isSafeInteger(number) && number >= least && value != null ? number : undefined;
}
