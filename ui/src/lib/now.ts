import { useSyncExternalStore } from "react";

/** One clock for every time on the page, corrected by the server's: a browser whose clock is wrong shows right ages. */
let skew = 0;
let shown = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** An answer's `Date` is cut to whole seconds, and servers write it once a second or two. */
const CUT_MS = 3000;

export function now(): Date {
  return new Date(Date.now() + skew);
}

/** Take over what time the server has, from an answer's `Date` or the document. It was that time after the request was
 * sent and before its answer came, both by this browser's clock: within these bounds a correction stays as it is.
 * cut: how much later than it says it may have been. */
export function serverTime(at: Date, sent: number, received = Date.now(), cut = CUT_MS): void {
  const least = at.getTime() - received;
  const most = at.getTime() + cut - sent;
  if (Number.isNaN(least) || most < least || (least <= skew && skew <= most)) return;
  // No correction is the most likely one of all that are possible.
  skew = least <= 0 && 0 <= most ? 0 : (least + most) / 2;
  tick();
}

/** The time now, renewed each second while something shows it. */
export function useNow(): Date {
  const ms = useSyncExternalStore(listen, () => shown);
  return new Date(ms + skew);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  shown = Date.now();
  for (const each of listeners) each();
}
