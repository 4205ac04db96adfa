import { CircleCheck, CircleX, X } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import { said } from "~/lib/api";

interface Toast {
  id: number;
  kind: "done" | "failed";
  text: ReactNode;
}

/** Whoever needs longer finds the outcome on the page itself; a failure stays until it is closed. */
const SHOWN_MS = 6000;

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

/** Say that something was done: "Run started". May hold a link to it. */
export function done(text: ReactNode): void {
  const id = add("done", text);
  setTimeout(() => remove(id), SHOWN_MS);
}

/** Say why something was not done. */
export function failed(error: unknown): void {
  const { title, fix } = said(error);
  add(
    "failed",
    <>
      <span className="font-medium">{title}</span>
      {fix && <span className="block text-soft">{fix}</span>}
    </>,
  );
}

/** Where toasts appear; once, in the frame. */
export function Toasts() {
  const shown = useSyncExternalStore(listen, () => toasts);
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 left-4 z-50 flex flex-col items-end gap-2"
    >
      {shown.map((toast) => (
        <div
          key={toast.id}
          className="pointer-events-auto flex max-w-md items-start gap-2.5 rounded-lg border border-line bg-raised py-2.5 pr-2 pl-3 shadow-float"
        >
          {toast.kind === "done" ? (
            <CircleCheck size={16} aria-label="Done" className="mt-0.5 shrink-0 text-good" />
          ) : (
            <CircleX size={16} aria-label="Not done" className="mt-0.5 shrink-0 text-bad" />
          )}
          <div className="min-w-0 flex-1 break-words">{toast.text}</div>
          <button
            type="button"
            aria-label="Close"
            className="rounded p-1 text-faint hover:bg-hover hover:text-ink"
            onClick={() => remove(toast.id)}
          >
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}

function add(kind: Toast["kind"], text: ReactNode): number {
  const id = next++;
  set([...toasts.slice(-3), { id, kind, text }]);
  return id;
}

function remove(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

function set(value: readonly Toast[]): void {
  toasts = value;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
