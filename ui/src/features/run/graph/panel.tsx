import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { Empty } from "~/components/empty";
import { Loaded } from "~/components/panel";
import type { RunState } from "~/lib/api";
import { count } from "~/lib/format";
import { TONE_FILL, TONES } from "~/lib/states";
import { TaskDetail } from "../task";
import { useTasks } from "../tasks";
import { type Graph, graphOf, HEIGHT, MOST, type Node, WIDTH } from "./layout";

const route = getRouteApi("/runs/$id");
const MARGIN = 16;
const WORST: RunState[] = ["failed", "crashed", "running", "paused", "pending", "scheduled", "cancelled", "skipped"];

/** Which task waited for which. */
export function GraphPanel({ run, attempt }: { run: string; attempt: number }) {
  const tasks = useTasks(run, attempt, true);
  const { task } = route.useSearch();
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-card shadow-card">
      <Loaded query={tasks} lines={8}>
        {(columns) => <Drawn columns={columns} />}
      </Loaded>
      {task !== undefined && <TaskDetail run={run} attempt={attempt} number={task} />}
    </div>
  );
}

function Drawn({ columns }: { columns: Parameters<typeof graphOf>[0] }) {
  const graph = useMemo(() => graphOf(columns), [columns]);
  const { task } = route.useSearch();
  const navigate = route.useNavigate();
  if (graph.nodes.length === 0) return <Empty title="No tasks yet" />;
  return (
    <>
      {graph.collapsed && (
        <p className="border-line border-b px-4 py-2 text-soft">
          More than {MOST} tasks: those of one name are one box.
        </p>
      )}
      <section
        aria-label="Graph of the tasks"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        tabIndex={0}
        className="max-h-[min(40rem,70vh)] overflow-auto bg-sunk"
      >
        <svg
          width={graph.width + 2 * MARGIN}
          height={graph.height + 2 * MARGIN}
          role="img"
          aria-label={described(graph)}
        >
          <g transform={`translate(${MARGIN} ${MARGIN})`}>
            {graph.edges.map(([from, to]) => (
              <path
                key={`${from} ${to}`}
                d={curve(graph, from, to)}
                className="fill-none stroke-line-strong"
                strokeWidth={1.5}
              />
            ))}
            {graph.nodes.map((node) => (
              <Box
                key={node.key}
                node={node}
                chosen={node.number !== undefined && node.number === task}
                onChoose={(number) =>
                  navigate({ search: (old) => ({ ...old, task: number }), replace: true, resetScroll: false })
                }
              />
            ))}
          </g>
        </svg>
      </section>
    </>
  );
}

function Box({ node, chosen, onChoose }: { node: Node; chosen: boolean; onChoose: (number: number) => void }) {
  const state = WORST.find((one) => node.states[one]) ?? "completed";
  const name = node.name.length > 20 ? `${node.name.slice(0, 19)}…` : node.name;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the timeline's table has the same tasks for the keyboard
    <g
      transform={`translate(${node.x} ${node.y})`}
      className={node.number === undefined ? "" : "cursor-pointer"}
      onClick={() => node.number !== undefined && onChoose(node.number)}
    >
      <title>{`${node.name}: ${Object.entries(node.states)
        .map(([one, number]) => `${number} ${one}`)
        .join(", ")}`}</title>
      <rect
        width={WIDTH}
        height={HEIGHT}
        rx={8}
        className={`fill-card ${chosen ? "stroke-accent" : "stroke-line-strong"}`}
        strokeWidth={chosen ? 2 : 1}
      />
      <rect width={5} height={HEIGHT - 12} x={7} y={6} rx={2.5} className={TONE_FILL[TONES[state]]} />
      <text x={20} y={node.count > 1 ? 17 : 24} className="fill-ink font-medium text-xs">
        {name}
      </text>
      {node.count > 1 && (
        <text x={20} y={31} className="fill-soft text-[0.6875rem]">
          {count(node.count)} tasks{node.states.failed ? `, ${count(node.states.failed)} failed` : ""}
        </text>
      )}
    </g>
  );
}

function curve(graph: Graph, from: number, to: number): string {
  const [one, other] = [graph.nodes[from] as Node, graph.nodes[to] as Node];
  const [x1, y1, x2, y2] = [one.x + WIDTH, one.y + HEIGHT / 2, other.x, other.y + HEIGHT / 2];
  const bend = Math.max(30, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function described(graph: Graph): string {
  return `${count(graph.nodes.length)} boxes and ${count(graph.edges.length)} dependencies`;
}
