import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "~/components/button";
import { Page } from "~/components/page";
import { Loaded } from "~/components/panel";
import { PauseDialog, PauseNote, useResume } from "~/components/schedule-switch";
import { Tabs } from "~/components/tabs";
import { Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { Code } from "./code";
import { History } from "./history";
import { Overview } from "./overview";
import { deploymentQuery } from "./query";
import { RunForm } from "./run-form";
import { Schedule } from "./schedule";
import type { DeploymentTab } from "./search";

type Detail = Schemas["DeploymentDetail"];

const route = getRouteApi("/deployments/$name");

const TITLES: { key: DeploymentTab; title: string }[] = [
  { key: "overview", title: "Overview" },
  { key: "run", title: "Run" },
  { key: "schedule", title: "Schedule" },
  { key: "history", title: "History" },
  { key: "code", title: "Code" },
];

export default function DeploymentPage() {
  const { name } = route.useParams();
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const detail = useQuery(deploymentQuery(name));
  const open = (key: DeploymentTab) =>
    navigate({ search: (before) => ({ ...before, tab: key === "overview" ? undefined : key }) });
  return (
    <Page
      title={name}
      lead={detail.data && <Lead title={detail.data.thing.title} description={detail.data.thing.description} />}
      actions={
        detail.data && (
          <>
            <PauseButton detail={detail.data} />
            {tab !== "run" && (
              <Button look="primary" onClick={() => open("run")}>
                Run…
              </Button>
            )}
          </>
        )
      }
    >
      {detail.data?.thing.pause && (
        <p role="status" className="mb-4 rounded-lg border border-warn bg-warn-bg px-4 py-2.5 text-warn">
          Nothing of it starts: <PauseNote pause={detail.data.thing.pause} />, since{" "}
          <Time at={detail.data.thing.pause.at} relative />.
        </p>
      )}
      <Tabs label={`About ${name}`} tabs={TITLES} current={tab} onChange={open}>
        <Loaded query={detail} lines={8} alone>
          {(found) => <Content key={name} tab={tab} detail={found} />}
        </Loaded>
      </Tabs>
    </Page>
  );
}

function Content({ tab, detail }: { tab: DeploymentTab; detail: Detail }) {
  switch (tab) {
    case "overview":
      return <Overview detail={detail} />;
    case "run":
      return <RunForm detail={detail} />;
    case "schedule":
      return <Schedule detail={detail} />;
    case "history":
      return <History detail={detail} />;
    case "code":
      return <Code detail={detail} />;
  }
}

function PauseButton({ detail }: { detail: Detail }) {
  const { name, pause } = detail.thing;
  const [asking, setAsking] = useState(false);
  const resume = useResume(name, null);
  if (pause) {
    return (
      <Button onClick={resume.go} disabled={resume.isPending}>
        Resume
      </Button>
    );
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>Pause…</Button>
      <PauseDialog deployment={name} schedule={null} open={asking} onClose={() => setAsking(false)} />
    </>
  );
}

function Lead({ title, description }: { title?: string | null; description: string | null }) {
  return (
    <>
      {title && <p className="font-medium text-ink">{title}</p>}
      {description}
    </>
  );
}
