import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Button } from "~/components/button";
import { Empty, serverAddress } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded } from "~/components/panel";
import { type Action, BulkDialog } from "./bulk";
import { Filters } from "./filters";
import { countQuery, runsQuery } from "./query";
import { RunTable } from "./rows";
import { SavedViews } from "./saved";
import { isNarrowed, type RunsSearch } from "./search";
import { totalOf } from "./total";
import { firstView, useSavedViews } from "./views";

const route = getRouteApi("/runs");

/** Every run: filtered, searched, acted upon. */
export default function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const saved = useSavedViews();
  const [action, setAction] = useState<Action>();
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
          <Button onClick={() => setAction("delete")}>Delete…</Button>
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
  const query = useQuery(runsQuery(search));
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
  const query = useQuery(countQuery(search));
  return (
    <span data-testid="total">
      {query.data ? `${totalOf(query.data)} ${isNarrowed(search) ? "match" : "in all"}` : "\u00a0"}
    </span>
  );
}

/** The view that was chosen for it, once, where the address names none. */
function useFirstView(search: RunsSearch, show: (search: RunsSearch) => void): void {
  const [bare] = useState(() => !isNarrowed(search) && !search.after);
  useEffect(() => {
    const first = bare ? firstView() : undefined;
    if (first) show(first);
  }, []);
}
