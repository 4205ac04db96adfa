import type { ReactNode } from "react";
import { said } from "~/lib/api";
import { Button } from "./button";

interface PanelProps {
  title?: ReactNode;
  /** How many there are, or another small remark beside the title. */
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Whether the content has room around it; tables reach the edges. */
  padded?: boolean;
}

/** A titled part of a page, with one request of its own behind it. */
export function Panel({ title, note, actions, children, padded }: PanelProps) {
  return (
    <section className="mb-6 min-w-0">
      {(title || actions) && (
        <div className="mb-2 flex min-h-8 flex-wrap items-center gap-2">
          {title && <h2 className="font-semibold text-[0.9375rem]">{title}</h2>}
          {note != null && <span className="text-faint text-sm">{note}</span>}
          {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
        </div>
      )}
      <div
        className={`overflow-hidden rounded-xl border border-line bg-card shadow-card ${padded ? "px-4 py-3.5" : ""}`}
      >
        {children}
      </div>
    </section>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

interface LoadedProps<T> {
  query: Asked<T>;
  children: (data: T) => ReactNode;
  /** Lines of the place-holder. */
  lines?: number;
}

/** What a query answered; until then a place-holder of its height, and when it fails the reason with a way on.
 * Old content stays while a refresh fails: the frame says that the connection is gone. */
export function Loaded<T>({ query, children, lines = 3 }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} again={query.refetch} />;
  return <Placeholder lines={lines} />;
}

/** Why something could not be shown or done, and what to do about it. */
export function Failure({ error, again }: { error: unknown; again?: () => unknown }) {
  const { title, fix } = said(error);
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
      <div className="min-w-0 flex-1">
        <p className="font-medium text-bad">{title}</p>
        {fix && <p className="text-soft">{fix}</p>}
      </div>
      {again && <Button onClick={() => again()}>Try again</Button>}
    </div>
  );
}

/** Grey lines where content will be. */
export function Placeholder({ lines = 3 }: { lines?: number }) {
  return (
    <div aria-busy="true" className="space-y-3 px-4 py-4">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={`h-3.5 rounded bg-sunk ${line % 2 ? "w-2/5" : "w-3/5"}`} />
      ))}
    </div>
  );
}
