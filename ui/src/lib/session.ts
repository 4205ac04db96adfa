import { useSyncExternalStore } from "react";

/** Whether a request was refused for want of a session. The page stays as it is, with everything typed in it. */
let ended = false;
const listeners = new Set<() => void>();

export function sessionEnded(): void {
  set(true);
}

export function sessionBack(): void {
  set(false);
}

export function useSessionEnded(): boolean {
  return useSyncExternalStore(listen, () => ended);
}

function set(value: boolean): void {
  if (ended === value) return;
  ended = value;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
