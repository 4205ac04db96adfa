import { getRouteApi } from "@tanstack/react-router";
import { ArrowDownToLine, Download, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, buttonLook } from "~/components/button";
import { Select } from "~/components/field";
import { failed } from "~/components/toast";
import { count } from "~/lib/format";
import { isProblem, said } from "~/lib/problems";
import type { RunSearch } from "../search";
import { Finder } from "./finder";
import { LineDetail } from "./line";
import { LogPool } from "./pool";
import { logAddress } from "./portion";
import { LogSource } from "./source";

const route = getRouteApi("/runs/$id");
const LEVELS = [
  [0, "All levels"],
  [20, "Info and above"],
  [30, "Warnings and errors"],
  [40, "Errors only"],
] as const;
const ERROR = 40;

interface Props {
  run: string;
  attempt: number;
  live: boolean;
  /** What a task is called, for the filter by one. */
  taskName?: string;
}

/** The log of an attempt: all of it, however long, with a search over the whole. */
export function LogPanel({ run, attempt, live, taskName }: Props) {
  const { line, level, task } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<RunSearch>) =>
    navigate({ search: (old) => ({ ...old, ...next }), replace: true, resetScroll: false });
  const box = useRef<HTMLElement>(null);
  const log = useLog(box, { run, attempt, level, task, line, live });
  const { source, pool, news } = log;
  const [atEnd, setAtEnd] = useState(true);
  log.onScrolled.current = () => setAtEnd(pool.current?.atEnd ?? true);

  const choose = (row: number) => {
    if (pool.current) pool.current.marks = { ...pool.current.marks, chosen: row };
    void change({ line: row });
    pool.current?.refresh();
  };
  const show = (row: number) => {
    if (!pool.current || !source.current) return;
    pool.current.following = false;
    pool.current.show(source.current.placeOf(row));
  };
  const nextError = async () => {
    const from = line === undefined ? 0 : line + 1;
    const found = (await source.current?.next(ERROR, from)) ?? (await source.current?.next(ERROR, 0));
    if (found === undefined) return;
    choose(found);
    show(found);
  };
  const toEnd = () => {
    if (!pool.current) return;
    pool.current.following = live;
    pool.current.toEnd();
  };

  const current = source.current;
  return (
    <section aria-label="Log" className="overflow-hidden rounded-xl border border-line bg-card shadow-card">
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <Finder
          source={source}
          version={log.version}
          onHit={(row, text) => {
            if (pool.current) pool.current.marks = { ...pool.current.marks, text, hit: row };
            if (row !== undefined) show(row);
            pool.current?.refresh();
          }}
        />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {task !== undefined && (
            <Button size="small" onClick={() => change({ task: undefined, line: undefined })}>
              {task === 0 ? "the flow itself" : (taskName ?? `task ${task}`)} ✕
            </Button>
          )}
          <Select
            aria-label="Levels"
            className="h-7! text-xs"
            value={level ?? 0}
            onChange={(event) => change({ level: Number(event.target.value) || undefined, line: undefined })}
          >
            {LEVELS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
          <Button
            size="small"
            onClick={() => nextError().catch(failed)}
            title="Go to the next error (e)"
            data-key="next-error"
          >
            <TriangleAlert size={13} aria-hidden /> Next error
          </Button>
          <a className={buttonLook({ size: "small" })} href={current?.textAddress ?? "#"} download>
            <Download size={13} aria-hidden /> Download
          </a>
        </div>
      </div>
      <div className="relative">
        <section
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
          tabIndex={0}
          aria-label="Lines of the log"
          data-testid="log"
          className="h-[min(38rem,65vh)] overflow-auto bg-sunk font-mono text-[0.8125rem] [overflow-anchor:none]"
          onKeyDown={(event) => event.key === "e" && void nextError().catch(failed)}
          onClick={(event) => {
            const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row]")?.dataset.row;
            if (row && !getSelection()?.toString()) choose(Number(row));
          }}
        />
        {!atEnd && (
          <button
            type="button"
            onClick={toEnd}
            className="absolute right-5 bottom-3 inline-flex items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 py-1 text-xs shadow-float hover:bg-hover"
          >
            <ArrowDownToLine size={13} aria-hidden /> {live ? "Follow" : "To the end"}
          </button>
        )}
      </div>
      <p className="flex flex-wrap gap-x-3 border-line border-t px-3 py-1.5 text-faint text-xs" aria-live="off">
        <span>{statusOf(current, news)}</span>
        {live && current && !current.over && !current.failure && <span className="text-live">waiting for more</span>}
        {current?.failure !== undefined && (
          <span role="status" className="text-bad">
            {isProblem(current.failure) ? said(current.failure).title : "the server does not answer"}; this goes on once
            it does
          </span>
        )}
      </p>
      {line !== undefined && current && <LineDetail line={current.line(line)} row={line} run={run} />}
    </section>
  );
}

function statusOf(source: LogSource | undefined, news: number): string {
  if (!source || news === 0) return "Loading";
  if (source.rows) {
    const listed = `${count(source.rows.length)} of ${count(source.size)} lines`;
    return source.listing ? `${listed}, looking for more` : listed;
  }
  if (source.size === 0) return source.over ? "Nothing was logged." : "Nothing was logged yet.";
  return source.size === 1 ? "1 line" : `${count(source.size)} lines`;
}

interface Wanted {
  run: string;
  attempt: number;
  level?: number;
  task?: number;
  line?: number;
  live: boolean;
}

/** A source and its pool for as long as the same log is looked at. */
function useLog(box: React.RefObject<HTMLElement | null>, wanted: Wanted) {
  const { run, attempt, level, task } = wanted;
  const source = useRef<LogSource>(undefined);
  const pool = useRef<LogPool>(undefined);
  const onScrolled = useRef(() => {});
  const [news, setNews] = useState(0);
  const [version, setVersion] = useState(0);
  const first = useRef(wanted);
  first.current = wanted;

  useEffect(() => {
    if (!box.current) return;
    const { line, live } = first.current;
    let begun = false;
    let told = "";
    const made = new LogSource(logAddress(run), attempt, { level, task }, () => {
      // Pages of lines come as one scrolls: only what is said around the log has it drawn anew.
      const chosen = first.current.line;
      const now = [
        made.size,
        made.rows?.length,
        made.over,
        made.failure && said(made.failure).title,
        made.listing,
        chosen,
        chosen !== undefined && !!made.line(chosen),
      ];
      if (now.join() !== told) setNews((number) => number + 1);
      told = now.join();
      if (!begun && (made.count > 0 || made.over)) {
        begun = true;
        if (line !== undefined) view.show(made.placeOf(line));
        else if (live) view.following = true;
      }
      view.refresh();
    });
    const view = new LogPool(
      box.current,
      () => made,
      () => {
        if (view.following && !view.atEnd) view.following = false;
        onScrolled.current();
      },
    );
    view.marks = { text: "", chosen: line };
    source.current = made;
    pool.current = view;
    setVersion((number) => number + 1);
    void made.start(line ?? 0);
    return () => {
      made.stop();
      view.stop();
    };
  }, [run, attempt, level, task, box]);
  return { source, pool, news, version, onScrolled };
}
