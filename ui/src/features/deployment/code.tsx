import { getRouteApi } from "@tanstack/react-router";
import { Copy } from "~/components/copy";
import { Loaded, Panel } from "~/components/panel";
import { api, here, type Schemas } from "~/lib/api";
import { shortCommit } from "~/lib/format";

const route = getRouteApi("/deployments/$name");

export function Code({ detail }: { detail: Schemas["DeploymentDetail"] }) {
  const { file } = route.useSearch();
  const navigate = route.useNavigate();
  const { name } = detail.thing;
  const code = api.useQuery(
    "get",
    "/api/v1/deployments/{name}/code",
    { params: { path: { name }, query: { ...here, path: file } } },
    { meta: { topics: ["deployments"] }, retry: false },
  );
  const files = code.data?.files ?? [];
  return (
    <Panel
      title="The code of its next run"
      note={code.data?.commit && <>commit {shortCommit(code.data.commit)}</>}
      actions={
        files.length > 0 && (
          <select
            aria-label="File"
            className="h-8 max-w-64 rounded-md border border-line-strong bg-card px-2 pr-7 max-md:max-w-40"
            value={code.data?.path}
            onChange={(event) =>
              navigate({ search: (before) => ({ ...before, file: event.target.value }), replace: true })
            }
          >
            {files.map((path) => (
              <option key={path}>{path}</option>
            ))}
          </select>
        )
      }
    >
      <Loaded query={code} lines={10}>
        {(found) => (found.binary ? <p className="px-4 py-3.5">This file is no text.</p> : <Lines text={found.text} />)}
      </Loaded>
    </Panel>
  );
}

function Lines({ text }: { text: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <div className="relative">
      <div className="absolute top-2 right-2">
        <Copy text={text} label="Copy the file" />
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        tabIndex={0}
        aria-label="Code"
        className="flex max-h-[70vh] overflow-auto py-3 font-mono text-[0.8125rem] leading-5"
      >
        <pre aria-hidden className="sticky left-0 select-none bg-card pr-4 pl-4 text-right text-faint">
          {lines.map((_, number) => number + 1).join("\n")}
        </pre>
        <pre className="pr-10">{lines.join("\n")}</pre>
      </section>
    </div>
  );
}
