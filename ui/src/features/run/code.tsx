import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Diff } from "~/components/diff";
import { Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { api, type Schemas } from "~/lib/api";
import { count, firstLine, shortCommit } from "~/lib/format";

type Changes = Schemas["CodeChanges"];
const OPEN_LINES = 400;

/** What changed since the deployment last completed: parameters, commit, code. */
export function CodePanel({ run }: { run: Schemas["FlowRun"] }) {
  const query = api.useQuery("get", "/api/v1/views/runs/{id}/changes", { params: { path: { id: run.id }, query: {} } });
  return (
    <Loaded query={query} lines={6}>
      {(changes) => <Shown run={run} changes={changes} />}
    </Loaded>
  );
}

function Shown({ run, changes }: { run: Schemas["FlowRun"]; changes: Changes }) {
  const { base } = changes;
  if (!base) {
    return (
      <Panel>
        <Empty title="Nothing to compare with">
          <p>No earlier run of {run.deployment ?? "this script"} completed.</p>
        </Empty>
      </Panel>
    );
  }
  const files = changes.files;
  return (
    <>
      <p className="mb-4 text-soft">
        Compared with{" "}
        <Link to="/runs/$id" params={{ id: base.id }} className="text-accent hover:underline">
          {base.name}
        </Link>
        , the last run before this one that completed (<Time at={base.ended_at} relative />
        ).
      </p>
      <Panel title="Commit" padded>
        <div className="grid gap-3 sm:grid-cols-2">
          <Side title="Then" spec={base.spec} release={changes.base_release} />
          <Side title="This run" spec={run.spec} release={changes.release} />
        </div>
      </Panel>
      <ParameterChanges before={base.parameters} after={run.parameters} />
      <Panel title="Code" note={files.length ? summary(changes) : undefined}>
        {changes.same && <Note>The code is the same: look at the data, the parameters or the world outside.</Note>}
        {changes.unknown && <Note>Not known: {changes.unknown}.</Note>}
        {!changes.same && !changes.unknown && files.length === 0 && <Note>No file of the code differs.</Note>}
        <div className="divide-y divide-line">
          {files.map((file) => (
            <File key={file.path} file={file} />
          ))}
        </div>
        {changes.more > 0 && <Note>{count(changes.more)} more files differ.</Note>}
      </Panel>
    </>
  );
}

function File({ file }: { file: Changes["files"][number] }) {
  return (
    <details open={file.added + file.removed <= OPEN_LINES} className="group">
      <summary className="flex list-none flex-wrap items-center gap-x-3 px-3 py-2 hover:bg-hover">
        <ChevronRight size={14} aria-hidden className="text-faint group-open:rotate-90" />
        <code className="break-all font-mono text-[0.8125rem]">{file.path}</code>
        <span className="text-faint text-xs">{file.kind}</span>
        <span className="ml-auto font-mono text-xs">
          {file.added > 0 && <span className="text-good">+{count(file.added)}</span>}{" "}
          {file.removed > 0 && <span className="text-bad">−{count(file.removed)}</span>}
        </span>
      </summary>
      {file.diff && <Diff text={file.diff} label={`Changes of ${file.path}`} />}
      {file.note && <Note>{file.note}</Note>}
    </details>
  );
}

function ParameterChanges({ before, after }: { before: Record<string, unknown>; after: Record<string, unknown> }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return (
    <Panel title="Parameters" padded>
      {changed.length === 0 ? (
        <p className="text-soft">The same.</p>
      ) : (
        <dl className="space-y-1.5">
          {changed.map((name) => (
            <div key={name} className="flex flex-wrap gap-x-3">
              <dt className="text-soft">{name}</dt>
              <dd className="min-w-0 break-all font-mono text-[0.8125rem]">
                <del className="bg-bad-bg text-bad">{shown(before[name])}</del>{" "}
                <ins className="bg-good-bg text-good no-underline">{shown(after[name])}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

interface SideProps {
  title: string;
  spec: Schemas["RunSpec"];
  release: Schemas["Release"] | null;
}

function Side({ title, spec, release }: SideProps) {
  return (
    <div className="min-w-0">
      <p className="text-faint text-xs">{title}</p>
      <p className="break-words">
        <code className="font-mono text-[0.8125rem]">{spec.commit ? shortCommit(spec.commit) : "no commit"}</code>{" "}
        {firstLine(release?.message, 90)}
      </p>
      {release && (
        <p className="text-soft text-xs">
          {release.author && `${release.author}, `}release {release.number}, <Time at={release.applied_at} relative />
        </p>
      )}
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="px-4 py-3 text-soft">{children}</p>;
}

function summary({ files, more }: Changes): string {
  const [added, removed] = files.reduce(([plus, minus], file) => [plus + file.added, minus + file.removed], [0, 0]);
  return `${count(files.length + more)} files, +${count(added)} −${count(removed)}`;
}

function shown(value: unknown): string {
  return value === undefined ? "not given" : JSON.stringify(value).slice(0, 400);
}
