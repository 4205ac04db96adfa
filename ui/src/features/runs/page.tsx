import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Button } from "~/components/button";
import { Empty, serverAddress } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded } from "~/components/panel";
import { api, fetcher, here, type Schemas } from "~/lib/api";
import { now } from "~/lib/now";
import { BulkDialog } from "./bulk";
import { Filters } from "./filters";
import { RunTable } from "./rows";
import { SavedViews } from "./saved";
import { asked, isNarrowed, type RunsSearch } from "./search";
import { totalOf } from "./total";
import { firstView, useSavedViews } from "./views";

const route = getRouteApi("/runs");
const ROWS = 50;
/** A page that the server answers before it found anything is gone on from so often before somebody is asked. */
const TURNS = 8;

/** Every run: filtered, searched, acted upon. */
export default function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const saved = useSavedViews();
  const [action, setAction] = useState<"cancel" | "retry">();
  const go = (to: RunsSearch, replace = false) => navigate({ search: () => to, replace, resetScroll: !replace });
  const change = (part: Partial<RunsSearch>) => go({ ...search, ...part, after: undefined }, true);
  useFirstView(search, (first) => go(first, true));

  return (
    <Page
      title="Runs"
      lead={<Total search={search} />}
      actions={
        <>
          <Button onClick={() => setAction("retry")}>Re-run failed…</Button>
          <Button onClick={() => setAction("cancel")}>Cancel…</Button>
        </>
      }
    >
      <SavedViews search={search} saved={saved} onChoose={(chosen) => go(chosen)} />
      <Filters search={search} onChange={change} />
      <List search={search} onGo={go} />
      {action && <BulkDialog action={action} search={search} onClose={() => setAction(undefined)} />}
    </Page>
  );
}

function List({ search, onGo }: { search: RunsSearch; onGo: (search: RunsSearch) => void }) {
  const query = useRuns(search);
  const older = query.data?.next;
  return (
    <>
      <div
        className={`overflow-hidden rounded-xl border border-line bg-card shadow-card ${query.isPlaceholderData ? "opacity-60" : ""}`}
      >
        <Loaded query={query} lines={8}>
          {(page) => <RunTable rows={page.items} empty={<Nothing search={search} more={page.next !== null} />} />}
        </Loaded>
      </div>
      {(search.after || older) && (
        <nav aria-label="Pages" className="mt-3 flex gap-2">
          {search.after && <Button onClick={() => onGo({ ...search, after: undefined })}>Newest</Button>}
          {older && <Button onClick={() => onGo({ ...search, after: older })}>Older</Button>}
        </nav>
      )}
    </>
  );
}

function Nothing({ search, more }: { search: RunsSearch; more: boolean }) {
  if (more) return <Empty title="Nothing among the newest runs that were looked at">There may be older ones.</Empty>;
  if (isNarrowed(search) || search.after) return <Empty title="No run matches">Take a filter away to see more.</Empty>;
  return (
    <Empty title="Nothing has run yet" command={`TURNOUT_URL=${serverAddress()} turnout trigger DEPLOYMENT`}>
      Runs appear here as schedules, people or other flows start them.
    </Empty>
  );
}

function Total({ search }: { search: RunsSearch }) {
  const query = api.useQuery(
    "get",
    "/api/v1/views/runs/count",
    { params: { query: { ...here, ...asked(search, now().getTime()) } } },
    { meta: { topics: ["runs"] }, placeholderData: keepPreviousData },
  );
  return (
    <span data-testid="total">
      {query.data ? `${totalOf(query.data)} ${isNarrowed(search) ? "match" : "in all"}` : "\u00a0"}
    </span>
  );
}

/** A page of runs. The server may answer a page without runs where few of many match: it is gone on from. */
function useRuns(search: RunsSearch) {
  const filter = { ...here, ...asked(search, now().getTime()), limit: ROWS };
  return useQuery({
    queryKey: ["runs", filter, search.after],
    queryFn: async ({ signal }): Promise<Schemas["RowsOfRuns"]> => {
      const items: Schemas["RunRow"][] = [];
      let after: string | null | undefined = search.after;
      for (let turn = 0; turn < TURNS; turn++) {
        const answer: { data?: Schemas["RowsOfRuns"]; error?: unknown } = await fetcher.GET("/api/v1/views/runs", {
          params: { query: { ...filter, ...(after ? { after } : {}) } },
          signal,
        });
        if (!answer.data) throw answer.error;
        items.push(...answer.data.items);
        after = answer.data.next;
        if (items.length >= ROWS / 2 || after === null) break;
      }
      return { items, next: after ?? null };
    },
    placeholderData: keepPreviousData,
    meta: { topics: ["runs"] },
  });
}

/** The view that was chosen for it, once, where the address names none. */
function useFirstView(search: RunsSearch, show: (search: RunsSearch) => void): void {
  const [bare] = useState(() => !isNarrowed(search) && !search.after);
  useEffect(() => {
    const first = bare ? firstView() : undefined;
    if (first) show(first);
  }, []);
}
