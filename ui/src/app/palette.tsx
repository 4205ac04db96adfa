import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { done, failed } from "~/components/toast";
import { readView, teamQuery } from "~/features/runs/team";
import { api, fetcher, here } from "~/lib/api";
import { boot, homeOf, namespace } from "~/lib/boot";
import { choose } from "~/lib/theme";
import { PLACES } from "./nav";
import { type Command, matching } from "./palette-match";

/** Does things by name: go somewhere, run a deployment, pause one. Loaded when it is first opened. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(typed);
  const found = useMemo(() => matching(commands, typed), [commands, typed]);
  const current = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    if (current) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const start = (command: Command) => {
    dialog.current?.close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && current) {
      event.preventDefault();
      start(current);
    }
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, which is the browser's doing
    <dialog
      ref={dialog}
      aria-label="Commands"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mt-[min(12vh,6rem)] w-[calc(100vw-2rem)] max-w-xl overflow-hidden rounded-xl border border-line bg-raised p-0 shadow-float backdrop:bg-black/40"
    >
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={current ? `${id}-${current.id}` : undefined}
        aria-label="Command"
        placeholder="Go to, run, pause …"
        className="w-full border-line border-b bg-raised px-4 py-3 text-base outline-none placeholder:text-faint"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label="Commands"
        className="max-h-[min(20rem,calc(100dvh-8rem))] overflow-y-auto p-1.5"
      >
        {found.map((command) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, as in every combobox
          <div
            key={command.id}
            id={`${id}-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === current}
            onClick={() => start(command)}
            onMouseMove={() => setAt(found.indexOf(command))}
            className="flex cursor-pointer items-center justify-between gap-3 rounded-md px-3 py-2 aria-selected:bg-accent-bg aria-selected:text-accent"
          >
            <span className="min-w-0 truncate">{command.title}</span>
            <span className="shrink-0 text-soft text-xs">{command.group}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="px-4 pb-4 text-soft">Nothing is called that.</p>}
    </dialog>
  );
}

function useCommands(typed: string): Command[] {
  const navigate = useNavigate();
  const options = api.queryOptions(
    "get",
    "/api/v1/views/home",
    { params: { query: here } },
    { meta: { topics: ["runs", "deployments", "workers", "attention"] } },
  );
  const home = useQuery({ ...options, enabled: namespace !== undefined });
  const saved = useQuery({ ...teamQuery(), enabled: namespace !== undefined });
  return useMemo(() => {
    const places: Command[] = PLACES.map(({ to, title }) => ({
      id: `to${to}`,
      title,
      group: "Go to",
      run: () => navigate({ to }),
    }));
    const others: Command[] = boot.namespaces
      .filter((each) => each.project !== namespace?.project || each.environment !== namespace?.environment)
      .map((each) => ({
        id: `ns-${each.project}-${each.environment}`,
        title: `Project ${each.project}${each.environment === "production" ? "" : ` (${each.environment})`}`,
        group: "Go to",
        run: () => location.assign(homeOf(each)),
      }));
    const names = home.data?.deployments ?? [];
    const paused = new Set(home.data?.paused);
    const deployments: Command[] = names.flatMap((name) => [
      {
        id: `open-${name}`,
        title: `Open ${name}`,
        group: "Deployments",
        run: () => navigate({ to: "/deployments/$name", params: { name } }),
      },
      { id: `run-${name}`, title: `Run ${name} now`, group: "Do", run: () => void start(name) },
      paused.has(name)
        ? { id: `resume-${name}`, title: `Resume ${name}`, group: "Do", run: () => void setPaused(name, false) }
        : { id: `pause-${name}`, title: `Pause ${name}`, group: "Do", run: () => void setPaused(name, true) },
    ]);
    const views: Command[] = (saved.data ?? []).map(readView).map(({ id, name, search }) => ({
      id: `view-${id}`,
      title: `Runs: ${name}`,
      group: "Saved views",
      run: () => navigate({ to: "/runs", search }),
    }));
    const looks: Command[] = (["light", "dark", "system"] as const).map((theme) => ({
      id: `theme-${theme}`,
      title: theme === "system" ? "Colours as the system's" : `${theme === "dark" ? "Dark" : "Light"} colours`,
      group: "Do",
      run: () => choose(theme),
    }));
    const search: Command[] = typed.trim()
      ? [
          {
            id: "search",
            title: `Search runs for ${typed.trim()}`,
            group: "Go to",
            run: () => navigate({ to: "/runs", search: { text: typed.trim() } }),
          },
        ]
      : [];
    return [...places, ...others, ...views, ...deployments, ...looks, ...search];
  }, [home.data, saved.data, navigate, typed]);
}

/** Starts a run as turnout.yaml says; one that needs parameters is refused, and its form is the place for them. */
async function start(name: string): Promise<void> {
  const { data, error } = await fetcher.POST("/api/v1/deployments/{name}/runs", {
    params: { path: { name }, query: here },
    body: {},
  });
  if (!data) return failed(error);
  done(
    <>
      Started{" "}
      <Link to="/runs/$id" params={{ id: data.id }} className="font-medium text-accent hover:underline">
        {name}
      </Link>
    </>,
  );
}

async function setPaused(name: string, paused: boolean): Promise<void> {
  const params = { path: { name }, query: here };
  const { error } = paused
    ? await fetcher.POST("/api/v1/deployments/{name}/pause", { params, body: {} })
    : await fetcher.POST("/api/v1/deployments/{name}/resume", { params, body: {} });
  if (error) failed(error);
  else done(`${name} is ${paused ? "paused" : "no longer paused"}`);
}
