import type { RunState } from "./api";

/** The colours of meaning; each is a pair of tokens, `--<tone>` and `--<tone>-bg`. */
export type Tone = "good" | "bad" | "crash" | "warn" | "live" | "wait";

/** Each state's colour. A state that the server gets compiles only once it has one here. */
export const TONES: Record<RunState, Tone> = {
  scheduled: "wait",
  pending: "live",
  running: "live",
  paused: "warn",
  cancelling: "warn",
  completed: "good",
  failed: "bad",
  crashed: "crash",
  cancelled: "wait",
  skipped: "wait",
};

export const STATES = Object.keys(TONES) as RunState[];

const FINAL: ReadonlySet<RunState> = new Set(["completed", "failed", "crashed", "cancelled", "skipped"]);

export function isFinal(state: RunState): boolean {
  return FINAL.has(state);
}

/** Written out, because classes that are put together at run time are not found by the style sheet's build. */
export const TONE_TEXT: Record<Tone, string> = {
  good: "text-good",
  bad: "text-bad",
  crash: "text-crash",
  warn: "text-warn",
  live: "text-live",
  wait: "text-wait",
};

export const TONE_PILL: Record<Tone, string> = {
  good: "bg-good-bg text-good",
  bad: "bg-bad-bg text-bad",
  crash: "bg-crash-bg text-crash",
  warn: "bg-warn-bg text-warn",
  live: "bg-live-bg text-live",
  wait: "bg-wait-bg text-wait",
};

export const TONE_FILL: Record<Tone, string> = {
  good: "fill-good",
  bad: "fill-bad",
  crash: "fill-crash",
  warn: "fill-warn",
  live: "fill-live",
  wait: "fill-wait",
};
