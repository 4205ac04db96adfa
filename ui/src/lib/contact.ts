import { useSyncExternalStore } from "react";
import { now } from "./now";

/** Whether the server answers at all, whatever it says. One request without an answer may be an accident; that of two
 * in a row is said. */
const ACCIDENTS = 1;

let missed = 0;
let answeredAt = now();
let lost: Date | undefined;
const listeners = new Set<() => void>();

export function answered(): void {
  missed = 0;
  answeredAt = now();
  set(undefined);
}

export function unanswered(): void {
  missed += 1;
  if (missed > ACCIDENTS) set(lost ?? answeredAt);
}

/** When the server last answered, while it does not; undefined while it does. */
export function useLost(): Date | undefined {
  return useSyncExternalStore(listen, () => lost);
}

function set(value: Date | undefined): void {
  if (lost === value) return;
  lost = value;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
