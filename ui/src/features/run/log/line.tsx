import { Copy } from "~/components/copy";
import { Time } from "~/components/time";
import { count } from "~/lib/format";
import { pieces, plain } from "./ansi";
import { levelLook, levelName } from "./pool";
import type { Line } from "./source";

/** The chosen line of a log, whole. The page's address leads to it. */
export function LineDetail({ line, row, run }: { line: Line | undefined; row: number; run: string }) {
  if (!line) return null;
  const [, , task, at, level, logger, message] = line;
  return (
    <section aria-label="The chosen line" className="border-line border-t">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 pt-2 text-soft text-xs">
        <span className="font-medium text-ink">Line {count(row + 1)}</span>
        <Time at={new Date(at * 1000).toISOString()} />
        <span className={levelLook(level)}>{levelName(level)}</span>
        <span className="font-mono">{plain(logger)}</span>
        {task > 0 && <span>task {task}</span>}
        <span className="ml-auto inline-flex items-center">
          <Copy text={plain(message)} label="Copy the text" />
          <CopyLink run={run} />
        </span>
      </div>
      <pre className="max-h-80 overflow-auto whitespace-pre-wrap break-words px-3 pt-1 pb-3 font-mono text-[0.8125rem]">
        {pieces(message).map((piece, place) => (
          <span key={place} className={piece.look}>
            {piece.text}
          </span>
        ))}
      </pre>
    </section>
  );
}

function CopyLink({ run }: { run: string }) {
  return (
    <span className="inline-flex items-center text-xs" data-run={run}>
      link <Copy text={location.href} label="Copy a link to this line" />
    </span>
  );
}
