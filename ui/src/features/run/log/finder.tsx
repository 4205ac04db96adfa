import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { failed } from "~/components/toast";
import { count } from "~/lib/format";
import type { LogSource } from "./source";

const PAUSE_MS = 200;

interface Props {
  source: RefObject<LogSource | undefined>;
  /** Changes when another log is looked at. */
  version: number;
  /** The hit that is to be shown, and what was looked for in lower case. */
  onHit: (row: number | undefined, text: string) => void;
}

interface Hits {
  rows: number[];
  at: number;
  looked: number;
  whole: boolean;
}

const NOTHING: Hits = { rows: [], at: 0, looked: 0, whole: false };

/** A search over the whole log, on the server. It takes over the browser's own, which would see only what is drawn. */
export function Finder({ source, version, onHit }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [hits, setHits] = useState(NOTHING);
  const told = useRef(onHit);
  told.current = onHit;

  useEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f" || event.shiftKey) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener("keydown", take);
    return () => removeEventListener("keydown", take);
  }, []);

  useEffect(() => {
    setHits(NOTHING);
    const wanted = text.toLowerCase();
    if (!wanted) return told.current(undefined, "");
    const stop = new AbortController();
    const timer = setTimeout(() => void search(wanted, stop.signal), PAUSE_MS);
    const search = async (looked: string, signal: AbortSignal) => {
      const rows: number[] = [];
      try {
        for await (const part of source.current?.search(looked, signal) ?? []) {
          const first = rows.length === 0 && part.rows.length > 0;
          rows.push(...part.rows);
          if (signal.aborted) return;
          setHits((old) => ({ ...old, rows: [...rows], looked: part.looked }));
          if (first) told.current(rows[0], looked);
        }
        if (!signal.aborted) setHits((old) => ({ ...old, whole: true }));
      } catch (error) {
        if (!signal.aborted) failed(error);
      }
    };
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, version, source]);

  const step = (by: number) => {
    const { rows } = hits;
    if (rows.length === 0) return;
    const at = (hits.at + by + rows.length) % rows.length;
    setHits({ ...hits, at });
    onHit(rows[at], text.toLowerCase());
  };

  return (
    <search className="flex min-w-0 items-center gap-1 max-md:w-full">
      <div className="relative min-w-0 flex-1">
        <Search size={14} aria-hidden className="absolute top-2 left-2 text-faint" />
        <input
          ref={field}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
            if (event.key === "Escape") setText("");
          }}
          placeholder="Find in the whole log"
          aria-label="Find in the whole log"
          className="h-7 w-56 min-w-0 max-w-full rounded-md border border-line-strong bg-card pr-2 pl-7 text-xs placeholder:text-faint max-md:w-full"
        />
      </div>
      <Step label="Previous hit" onClick={() => step(-1)} disabled={!hits.rows.length} up />
      <Step label="Next hit" onClick={() => step(1)} disabled={!hits.rows.length} />
      <span className="whitespace-nowrap text-soft text-xs" aria-live="polite" data-testid="hits">
        {text && summary(hits)}
      </span>
    </search>
  );
}

function summary({ rows, at, whole, looked }: Hits): string {
  if (rows.length) return `${count(at + 1)} of ${count(rows.length)}${whole ? "" : "+"}`;
  return whole ? "not found" : looked ? `${count(looked)} lines searched` : "searching";
}

function Step({
  label,
  onClick,
  disabled,
  up,
}: {
  label: string;
  onClick: () => void;
  disabled: boolean;
  up?: boolean;
}) {
  const Icon = up ? ChevronUp : ChevronDown;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="rounded p-1 text-soft hover:bg-hover hover:text-ink disabled:opacity-40"
    >
      <Icon size={15} aria-hidden />
    </button>
  );
}
