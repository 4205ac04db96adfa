import { Link } from "@tanstack/react-router";
import { Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";
import { counted } from "~/lib/format";

type Limit = Schemas["LimitStatus"];
type Holder = Schemas["Holder"];

const KINDS: Record<Limit["kind"], string> = { deployment: "runs of", pool: "pool", limit: "" };

/** Every limit with who holds it and who waits for it. */
export function Limits() {
  const limits = api.useQuery(
    "get",
    "/api/v1/limits",
    { params: { query: here } },
    { meta: { topics: ["runs", "deployments"] } },
  );
  return (
    <Panel title="Limits">
      <Loaded query={limits}>
        {(found) =>
          found.length ? (
            <ul>
              {[...found].sort(busiestFirst).map((limit) => (
                <Row key={`${limit.kind}/${limit.name}`} limit={limit} />
              ))}
            </ul>
          ) : (
            <Empty title="Nothing is limited">
              A limit keeps runs from asking too much of a database or an API: declare one under <code>limits:</code> in
              turnout.yaml.
            </Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Row({ limit }: { limit: Limit }) {
  const full = limit.concurrency != null && limit.held >= limit.concurrency;
  return (
    <li className="border-line border-b px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="min-w-40 flex-1">
          <span className="text-soft">{KINDS[limit.kind]}</span> <span className="font-medium">{limit.name}</span>
        </span>
        {limit.concurrency != null && (
          <span className={full ? "text-warn" : ""}>
            {limit.held} of {limit.concurrency} taken
          </span>
        )}
        {limit.rate && <span className="text-soft">{limit.rate}</span>}
        <span className={limit.waiting ? "text-warn" : "text-faint"}>
          {limit.waiting > 1000 ? "more than 1,000 wait" : limit.waiting ? `${limit.waiting} waiting` : "nobody waits"}
        </span>
      </div>
      {limit.next_at && (
        <p className="mt-1 text-soft">
          The next one is let through <Time at={limit.next_at} relative />.
        </p>
      )}
      <div className="mt-1 grid gap-x-8 md:grid-cols-2">
        <Held title="Held by" holders={limit.holders} />
        <Held title="Waiting" holders={limit.line} of={limit.waiting} />
      </div>
    </li>
  );
}

const SHOWN = 5;

function Held({ title, holders, of = holders.length }: { title: string; holders: readonly Holder[]; of?: number }) {
  if (!holders.length) return null;
  return (
    <div className="mt-1.5 min-w-0">
      <h3 className="text-faint text-xs">{title}</h3>
      <ul>
        {holders.slice(0, SHOWN).map((holder) => (
          <li key={holder.run_id + holder.holder} className="flex flex-wrap items-baseline gap-x-2">
            <Link to="/runs/$id" params={{ id: holder.run_id }} className="hover:underline">
              {holder.run_name}
            </Link>
            <span className="text-soft text-xs">
              {holder.deployment}
              {holder.holder && `, task ${holder.holder}`}
              {holder.weight > 1 && `, ${holder.weight} of it`}, since <Time at={holder.since} relative />
            </span>
          </li>
        ))}
        {of > SHOWN && <li className="text-faint text-xs">and {counted(of - SHOWN, "more", "more")}</li>}
      </ul>
    </div>
  );
}

function busiestFirst(one: Limit, other: Limit): number {
  return other.waiting - one.waiting || other.held - one.held || one.name.localeCompare(other.name);
}
