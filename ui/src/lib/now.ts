import { useSyncExternalStore } from "react";

/** One clock for every time on the page, corrected by the server's: a browser whose clock is wrong shows right ages. */
let skew = 0;
let shown = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

export function now(): Date {
  return new Date(Date.now() + skew);
}

/** Take over what time the server has, from a `Date` header or an event. Half a second of travel is no skew. */
export function serverTime(at: Date): void {
  const found = at.getTime() - Date.now();
  if (Math.abs(found - skew) > 2000) skew = found;
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
