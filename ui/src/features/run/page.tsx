import { getRouteApi } from "@tanstack/react-router";
import { Page } from "~/components/page";
import { Loaded, Panel, Stale } from "~/components/panel";
import { type Tab, Tabs } from "~/components/tabs";
import type { Schemas } from "~/lib/api";
import { count } from "~/lib/format";
import { isFinal } from "~/lib/states";
import { Actions } from "./actions";
import { Heading, Lead } from "./header";
import { Overview } from "./overview";
import { PARTS } from "./parts";
import type { RunTab } from "./search";
import { useSeen } from "./seen";

const route = getRouteApi("/runs/$id");

/** One run: why it is as it is, what it did, and what can be done. */
export default function RunPage() {
  const { id } = route.useParams();
  const { attempt } = route.useSearch();
  const query = useSeen(id, attempt);
  if (!query.data) {
    return (
      <Page title="Run">
        <Panel>
          <Loaded query={query} lines={6}>
            {() => null}
          </Loaded>
        </Panel>
      </Page>
    );
  }
  return <Shown seen={query.data} stale={query.error} again={query.refetch} />;
}

interface ShownProps {
  seen: Schemas["RunOverview"];
  /** Why it could not be made new, if so. */
  stale: unknown;
  again: () => unknown;
}

function Shown({ seen, stale, again }: ShownProps) {
  const { run } = seen;
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (key: RunTab) =>
    navigate({ search: ({ attempt }) => ({ attempt, tab: key === "overview" ? undefined : key }), resetScroll: false });
  return (
    <Page
      title={`${run.deployment ?? run.flow_name} ${run.state_name.toLowerCase()}`}
      heading={<Heading run={run} />}
      lead={<Lead seen={seen} />}
      actions={<Actions seen={seen} />}
    >
      <Stale error={stale} again={again} alone />
      <Tabs tabs={tabsOf(seen)} current={tab} onChange={change} label="Parts of the run">
        <Part tab={tab} seen={seen} />
      </Tabs>
    </Page>
  );
}

function Part({ tab, seen }: { tab: RunTab; seen: Schemas["RunOverview"] }) {
  const { run, attempt } = seen;
  const latest = attempt === run.attempt;
  switch (tab) {
    case "timeline":
      return <PARTS.timeline run={run.id} attempt={attempt} />;
    case "graph":
      return <PARTS.graph run={run.id} attempt={attempt} />;
    case "log":
      return <PARTS.log run={run.id} attempt={attempt} live={latest && !isFinal(run.state)} />;
    case "code":
      return <PARTS.code run={run} />;
    case "attempts":
      return <PARTS.attempts seen={seen} />;
    default:
      return <Overview seen={seen} />;
  }
}

function tabsOf(seen: Schemas["RunOverview"]): Tab<RunTab>[] {
  const tasks = Object.values(seen.tasks).reduce((sum, number) => sum + number, 0);
  return [
    { key: "overview", title: "Overview" },
    { key: "timeline", title: titled("Timeline", tasks) },
    { key: "graph", title: "Graph" },
    { key: "log", title: titled("Log", seen.log_lines) },
    { key: "code", title: "Code changes" },
    { key: "attempts", title: titled("Attempts", seen.run.attempt > 1 ? seen.attempts.length : 0) },
  ];
}

function titled(title: string, number: number) {
  return (
    <>
      {title}
      {number > 0 && <span className="ml-1.5 font-normal text-faint text-xs">{count(number)}</span>}
    </>
  );
}
