import { useState } from "react";
import { Button } from "~/components/button";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { api, type Schemas } from "~/lib/api";
import { count } from "~/lib/format";
import { JsonValue } from "./json";
import { safeAddress } from "./markdown";
import { Grid, Markdown, Outside } from "./markdown-view";

type Head = Schemas["ArtifactHead"];
type Data = Record<string, unknown>;

const IMAGES = /^image\/(png|jpeg|gif|webp|svg\+xml)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const TABLE_ROWS = 200;
const FIRST = 12;

/** What a run made to be looked at; of each key only the newest. */
export function Artifacts({ run, heads }: { run: string; heads: readonly Head[] }) {
  const [all, setAll] = useState(false);
  const newest = latestOf(heads);
  if (newest.length === 0) return null;
  return (
    <Panel title="Artifacts" note={count(newest.length)}>
      <div className="divide-y divide-line">
        {(all ? newest : newest.slice(0, FIRST)).map((head) => (
          <Artifact key={`${head.attempt} ${head.stream} ${head.seq}`} run={run} head={head} />
        ))}
      </div>
      {!all && newest.length > FIRST && (
        <div className="border-line border-t px-4 py-2">
          <Button size="small" onClick={() => setAll(true)}>
            Show the other {count(newest.length - FIRST)}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Artifact({ run, head }: { run: string; head: Head }) {
  const [asked, setAsked] = useState(false);
  const data = head.data as Data | null;
  const description = typeof data?.description === "string" ? data.description : undefined;
  return (
    <article className="px-4 py-3.5">
      <header className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h3 className="break-all font-medium">{head.key || head.kind}</h3>
        <span className="text-faint text-xs">
          {head.kind} · <Time at={head.at} relative />
        </span>
        {description && <span className="text-soft">{description}</span>}
      </header>
      {data ? (
        <Drawn kind={head.kind} data={data} />
      ) : asked ? (
        <Large run={run} head={head} />
      ) : (
        <Button size="small" onClick={() => setAsked(true)}>
          Load it ({count(Math.ceil(head.size / 1000))} kB)
        </Button>
      )}
    </article>
  );
}

function Large({ run, head }: { run: string; head: Head }) {
  const query = api.useQuery("get", "/api/v1/views/runs/{id}/artifacts/{attempt}/{stream}/{seq}", {
    params: {
      path: { id: run, attempt: String(head.attempt), stream: String(head.stream), seq: String(head.seq) },
    },
  });
  return <Loaded query={query}>{(data) => <Drawn kind={head.kind} data={data as Data} />}</Loaded>;
}

/** What does not have the shape of its kind is shown as it is. */
function Drawn({ kind, data }: { kind: string; data: Data }) {
  switch (kind) {
    case "markdown":
      if (typeof data.markdown === "string") return <Markdown text={data.markdown} />;
      break;
    case "table": {
      const table = tableOf(data);
      if (table) return <TableView {...table} />;
      break;
    }
    case "image": {
      const source = imageOf(data);
      if (source) return <img src={source} alt={altOf(data)} className="max-h-[32rem] max-w-full rounded-lg" />;
      const address = safeAddress(textOf(data.image_url ?? data.url));
      if (address) return <Outside href={address}>{address}</Outside>;
      break;
    }
    case "link": {
      const address = safeAddress(textOf(data.link ?? data.url));
      if (address) return <Outside href={address}>{textOf(data.link_text) || address}</Outside>;
      break;
    }
    case "progress": {
      const value = Number(data.progress ?? data.value);
      if (data.progress != null && Number.isFinite(value)) return <Progress value={value} />;
      break;
    }
  }
  return <JsonValue label="Artifact" value={data} />;
}

function Progress({ value }: { value: number }) {
  const shown = Math.min(100, Math.max(0, value));
  return (
    <div className="flex items-center gap-3">
      <progress value={shown} max={100} className="h-2 w-64 max-w-full accent-(--accent)" aria-label="Progress" />
      <span className="text-soft">{Math.round(shown)} %</span>
    </div>
  );
}

function TableView({ columns, rows }: { columns: string[]; rows: unknown[][] }) {
  const more = rows.length - TABLE_ROWS;
  return (
    <>
      <Grid head={columns} rows={rows.slice(0, TABLE_ROWS).map((row) => row.map(cellText))} />
      {more > 0 && <p className="mt-2 text-soft text-xs">{count(more)} more rows</p>}
    </>
  );
}

/** A table however it was given: rows as objects, as lists, or columns of values. */
export function tableOf(data: Data): { columns: string[]; rows: unknown[][] } | undefined {
  const given = data.table ?? data.rows;
  const named = Array.isArray(data.columns) ? data.columns.map(String) : undefined;
  if (isRecord(given)) {
    const columns = Object.keys(given);
    const lists = columns.map((name) => given[name]);
    if (!lists.every(Array.isArray)) return undefined;
    const length = Math.max(0, ...lists.map((list) => list.length));
    return { columns, rows: Array.from({ length }, (_, row) => lists.map((list) => list[row])) };
  }
  if (!Array.isArray(given)) return undefined;
  const first = given[0];
  const columns =
    named ??
    (isRecord(first) ? Object.keys(first) : Array.isArray(first) ? first.map((_, at) => String(at + 1)) : ["value"]);
  const rows = given.map((row) =>
    isRecord(row) ? columns.map((name) => row[name]) : Array.isArray(row) ? row : [row],
  );
  return { columns, rows };
}

function imageOf(data: Data): string | undefined {
  const url = textOf(data.url ?? data.image_url);
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(url ?? "");
  const media = inline?.[1] ?? textOf(data.media_type) ?? "image/png";
  const content = inline?.[2] ?? textOf(data.base64 ?? data.content);
  // As an image, an SVG runs no script.
  return content && IMAGES.test(media) && BASE64.test(content) ? `data:${media};base64,${content}` : undefined;
}

function altOf(data: Data): string {
  return textOf(data.description) ?? "An image that the run made";
}

function cellText(value: unknown): string {
  return typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The newest artifact of each key, in order; those without a key are each their own. */
function latestOf(heads: readonly Head[]): Head[] {
  const found = new Map<string, Head>();
  for (const head of heads) {
    const key = head.key ? `key ${head.key}` : `${head.attempt} ${head.stream} ${head.seq}`;
    found.delete(key);
    found.set(key, head);
  }
  return [...found.values()];
}
