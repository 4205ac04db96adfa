import { type ReactNode, useEffect, useState } from "react";
import { isProblem, said } from "~/lib/problems";
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
  /** Whether it stands on the page itself, and in no panel. */
  alone?: boolean;
}

/** What a query answered; until then a place-holder of its height, and when it fails the reason with a way on. Old
 * content stays while a refresh fails, and says so; that the server is gone is said once, by the frame. */
export function Loaded<T>({ query, children, lines = 3, alone }: LoadedProps<T>) {
  const { data, error, refetch } = query;
  // A query forgets its error while it asks again: the words and the button would come and go under one's hand.
  const [failure, setFailure] = useState<unknown>();
  if (error && error !== failure) setFailure(error);
  if (data !== undefined && failure !== undefined && !error) setFailure(undefined);
  if (data !== undefined) {
    return (
      <>
        <Stale error={error} again={refetch} alone={alone} />
        {children(data)}
      </>
    );
  }
  const instead =
    error || failure !== undefined ? (
      <Failure error={error || failure} again={refetch} busy={!error} />
    ) : (
      <Placeholder lines={lines} />
    );
  return alone ? <Panel>{instead}</Panel> : instead;
}

interface FailureProps {
  error: unknown;
  again?: () => unknown;
  /** Whether it is being tried again. */
  busy?: boolean;
}

/** Why something could not be shown or done, and what to do about it. */
export function Failure({ error, again, busy }: FailureProps) {
  const { title, fix: way } = said(error);
  // What somebody did is not done by itself later, as asking is.
  const fix = again || isProblem(error) ? way : "What you typed is still here; try again";
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium text-bad first-letter:uppercase">{title}</p>
        {fix && <p className="text-soft first-letter:uppercase">{fix}</p>}
      </div>
      {again && (
        <Button aria-disabled={busy} onClick={() => busy || again()}>
          {busy ? "Trying…" : "Try again"}
        </Button>
      )}
    </div>
  );
}

/** That what is below could not be made new, if the server said so. */
export function Stale({ error, again, alone }: { error: unknown; again: () => unknown; alone?: boolean }) {
  if (!isProblem(error)) return null;
  return (
    <div
      role="status"
      className={`flex flex-wrap items-center gap-x-4 gap-y-1 bg-warn-bg px-4 py-2 text-warn ${alone ? "mb-4 rounded-lg" : "border-line border-b"}`}
    >
      <p className="min-w-0 flex-1 wrap-anywhere">This may be out of date: {said(error).title}</p>
      <Button size="small" onClick={() => again()}>
        Try again
      </Button>
    </div>
  );
}

/** After so long, waiting is explained. */
const SLOW_MS = 4000;

/** Grey lines where content will be. */
export function Placeholder({ lines = 3 }: { lines?: number }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" className="space-y-3 px-4 py-4">
      {slow ? (
        <p role="status" className="text-soft">
          The server takes long to answer; still waiting.
        </p>
      ) : (
        <span className="sr-only">Loading</span>
      )}
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={`h-3.5 rounded bg-sunk ${line % 2 ? "w-2/5" : "w-3/5"}`} />
      ))}
    </div>
  );
}
