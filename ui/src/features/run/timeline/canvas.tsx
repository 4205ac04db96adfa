import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef } from "react";
import { AXIS, drawRows, drawStrip, type Palette, palette, ROW, STRIP, type View } from "./draw";
import { rowAt, type Timeline, windowOf } from "./model";

interface Props {
  line: Timeline;
  chosen: number;
  onChoose: (row: number) => void;
  /** The whole run rather than the part in which the rows that are seen took place. */
  whole: boolean;
}

/** Rows of bars on a canvas; only those that are seen are drawn, and time is zoomed to them. */
export function Canvas({ line, chosen, onChoose, whole }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLCanvasElement>(null);
  const strip = useRef<HTMLCanvasElement>(null);
  const hovered = useRef(-1);
  const frame = useRef(0);
  const colours = useRef<Palette>(undefined);
  const latest = useRef({ line, chosen, whole });
  latest.current = { line, chosen, whole };

  const draw = useCallback(() => {
    frame.current = 0;
    if (!box.current || !rows.current || !strip.current) return;
    colours.current ??= palette();
    const now = latest.current;
    const view = viewOf(box.current, now.line, now.whole, now.chosen, hovered.current);
    drawRows(sized(rows.current, view.width, view.height), now.line, view, colours.current);
    drawStrip(sized(strip.current, view.width, STRIP), now.line, view, colours.current);
  }, []);
  const redraw = useCallback(() => {
    frame.current ||= requestAnimationFrame(draw);
  }, [draw]);

  useEffect(redraw, [line, chosen, whole]);
  useEffect(() => {
    const anew = () => {
      colours.current = undefined;
      redraw();
    };
    const sizes = new ResizeObserver(redraw);
    if (box.current) sizes.observe(box.current);
    const theme = new MutationObserver(anew);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", anew);
    return () => {
      sizes.disconnect();
      theme.disconnect();
      dark.removeEventListener("change", anew);
      cancelAnimationFrame(frame.current);
    };
  }, [redraw]);

  const reveal = (row: number) => {
    const element = box.current;
    if (!element) return;
    const top = row * ROW;
    const seen = element.clientHeight - AXIS;
    if (top < element.scrollTop || top + ROW > element.scrollTop + seen) element.scrollTop = top - seen / 3;
    redraw();
  };
  useEffect(() => {
    if (chosen >= 0) reveal(chosen);
  }, [chosen, line]);

  const rowUnder = (event: MouseEvent) => {
    const bounds = rows.current?.getBoundingClientRect();
    if (!bounds || !box.current) return -1;
    const row = Math.floor((event.clientY - bounds.top - AXIS + box.current.scrollTop) / ROW);
    return event.clientY - bounds.top > AXIS && row < line.order.length ? row : -1;
  };
  const onKey = (event: KeyboardEvent) => {
    const page = Math.floor((box.current?.clientHeight ?? 0) / ROW) - 2;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onChoose(Math.max(0, Math.min(line.order.length - 1, Math.max(chosen, -1) + step)));
  };

  return (
    <div>
      <canvas
        ref={strip}
        aria-hidden
        className="block h-11 w-full cursor-pointer border-line border-b"
        onClick={(event) => {
          const bounds = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - bounds.left) / bounds.width;
          const row = rowAt(line, line.from + share * (line.to - line.from));
          if (box.current) box.current.scrollTop = row * ROW - box.current.clientHeight / 3;
        }}
      />
      <div
        ref={box}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: rows are moved through by arrow keys
        tabIndex={0}
        aria-label="Timeline of the tasks. The table has the same rows."
        data-testid="timeline"
        className="relative h-[min(34rem,60vh)] overflow-y-auto focus-visible:-outline-offset-2"
        onScroll={redraw}
        onKeyDown={onKey}
        onClick={(event) => {
          const row = rowUnder(event);
          if (row >= 0) onChoose(row);
        }}
        onMouseMove={(event) => {
          hovered.current = rowUnder(event);
          redraw();
        }}
        onMouseLeave={() => {
          hovered.current = -1;
          redraw();
        }}
      >
        <div style={{ height: line.order.length * ROW + AXIS }}>
          <canvas ref={rows} aria-hidden className="sticky top-0 block" />
        </div>
      </div>
    </div>
  );
}

function viewOf(box: HTMLElement, line: Timeline, whole: boolean, chosen: number, hovered: number): View {
  const first = Math.floor(box.scrollTop / ROW);
  const last = Math.ceil((box.scrollTop + box.clientHeight - AXIS) / ROW) - 1;
  const window = whole ? ([line.from, line.to] as [number, number]) : windowOf(line, first, last);
  return { width: box.clientWidth, height: box.clientHeight, scroll: box.scrollTop, window, chosen, hovered };
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
