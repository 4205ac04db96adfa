import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, buttonLook } from "~/components/button";
import { Empty, serverAddress } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";
import { namespace } from "~/lib/boot";
import { count, counted } from "~/lib/format";
import { now } from "~/lib/now";
import { Causes } from "./causes";
import { strips } from "./day";
import { homeQuery } from "./query";
import { Strips } from "./strips";

type Home = Schemas["Home"];

/** How often a server without a project is asked whether it has one now. */
const FIRST_MS = 2000;

export default function HomePage() {
  if (!namespace) return <Nothing />;
  return <Filled />;
}

function Filled() {
  const home = useQuery(homeQuery());
  // The client takes tuples for lists.
  const data = home.data as Home | undefined;
  return (
    <Page title={here.project || "Home"} lead={<Lead home={data} />}>
      <Loaded query={home} lines={6} alone>
        {() => data && <Content home={data} />}
      </Loaded>
    </Page>
  );
}

function Lead({ home }: { home: Home | undefined }) {
  if (!home) return <span aria-hidden="true">&nbsp;</span>;
  const waiting = home.states.scheduled ?? 0;
  const running = Object.values(home.states).reduce((sum, runs) => sum + runs, 0) - waiting;
  const parts = [
    counted(home.deployments.length, "deployment"),
    `${count(running)} running`,
    waiting ? `${count(waiting)} waiting` : "",
    `${counted(home.workers_online, "worker")} online`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function Content({ home }: { home: Home }) {
  if (home.deployments.length === 0) return <NothingDeployed />;
  return (
    <>
      <Attention home={home} />
      <div className="grid gap-x-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <Panel title="The last 24 hours" note={home.complete ? undefined : "the newest 5,000 runs"}>
          <Strips strips={strips(home.hours, home.deployments, now())} />
        </Panel>
        <Panel title="Next">
          <NextUp home={home} />
        </Panel>
      </div>
    </>
  );
}

function Attention({ home }: { home: Home }) {
  const [shown, setShown] = useState(false);
  const quiet = home.quiet.length;
  return (
    <Panel
      title="Needs attention"
      note={home.causes.length || undefined}
      actions={
        quiet > 0 && (
          <Button size="small" look="quiet" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? "Hide" : "Show"} {counted(quiet, "quiet one")}
          </Button>
        )
      }
    >
      {home.causes.length > 0 ? (
        <Causes causes={home.causes} />
      ) : (
        <p className="flex items-center gap-2.5 px-4 py-4">
          <CircleCheck size={18} aria-hidden className="text-good" />
          Nothing needs you.
        </p>
      )}
      {shown && quiet > 0 && (
        <div className="border-line border-t bg-sunk">
          <Causes causes={home.quiet} />
        </div>
      )}
    </Panel>
  );
}

function NextUp({ home }: { home: Home }) {
  if (home.next_up.length === 0) {
    return <Empty title="Nothing is scheduled">A schedule is a line of turnout.yaml.</Empty>;
  }
  return (
    <>
      <ul className="divide-y divide-line">
        {home.next_up.map((next) => (
          <li key={next.deployment} className="flex items-baseline justify-between gap-3 px-4 py-2.5">
            <Link
              to="/deployments/$name"
              params={{ name: next.deployment }}
              className="min-w-0 truncate font-medium hover:underline"
            >
              {next.deployment}
            </Link>
            <span className="shrink-0 text-right text-soft">
              <Time at={next.at} />
            </span>
          </li>
        ))}
      </ul>
      <div className="border-line border-t px-2 py-1.5">
        <Link to="/calendar" className={buttonLook({ look: "quiet", size: "small" })}>
          Calendar
        </Link>
      </div>
    </>
  );
}

function NothingDeployed() {
  return (
    <Panel>
      <Empty title="Nothing is deployed yet" command={`TURNOUT_SERVER=${serverAddress()} turnout apply`}>
        In a git repository with a turnout.yaml, this makes the server equal to what the file says.
      </Empty>
    </Panel>
  );
}

function Nothing() {
  const deployed = api.useQuery(
    "get",
    "/api/v1/deployments",
    {},
    { meta: { topics: ["deployments"] }, refetchInterval: FIRST_MS },
  );
  const arrived = (deployed.data?.length ?? 0) > 0;
  useEffect(() => {
    // What the page is about is part of the document: with the first project comes another one.
    if (arrived) location.reload();
  }, [arrived]);
  return (
    <Page title="Welcome" lead="This server has no project yet.">
      <NothingDeployed />
      <Panel>
        <Empty title="No repository yet?" command="turnout init">
          It writes a turnout.yaml, a first flow and its test into the current folder.
        </Empty>
      </Panel>
    </Page>
  );
}
