import { Empty } from "~/components/empty";
import { Panel } from "~/components/panel";
import { PauseNote, ScheduleSwitch } from "~/components/schedule-switch";
import { Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { NextRuns } from "./overview";

type Detail = Schemas["DeploymentDetail"];
type Status = Schemas["ScheduleStatus"];

export function Schedule({ detail }: { detail: Detail }) {
  const { thing } = detail;
  if (!thing.schedules.length) {
    return (
      <Panel>
        <Empty title={thing.after.length ? `It runs after ${thing.after.join(", ")}` : "It has no schedule"}>
          {detail.waiting ?? "Give it one under its name in turnout.yaml, and apply:"}
          {!thing.after.length && <pre className="mt-2 font-mono text-[0.8125rem]">{EXAMPLE}</pre>}
        </Empty>
      </Panel>
    );
  }
  return (
    <div className="grid gap-x-6 lg:grid-cols-[1fr_20rem]">
      <Panel title="Schedules">
        <ul>
          {thing.schedules.map((schedule) => (
            <li key={schedule.slug} className="flex gap-3 border-line border-b px-4 py-3.5 last:border-b-0">
              <span className="pt-0.5">
                <ScheduleSwitch deployment={thing.name} schedule={schedule} whole={thing.pause} />
              </span>
              <About schedule={schedule} />
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="Next runs" padded>
        <NextRuns detail={detail} />
      </Panel>
    </div>
  );
}

function About({ schedule }: { schedule: Status }) {
  const parameters = Object.entries(schedule.parameters as Record<string, unknown>);
  return (
    <div className="min-w-0 flex-1">
      <p className="font-medium">{schedule.sentence}</p>
      <p className="text-soft">
        {schedule.slug}, in {schedule.timezone}
        {schedule.next_run && (
          <>
            ; next <Time at={schedule.next_run} relative />
          </>
        )}
      </p>
      {schedule.declared_paused && <p className="text-warn">Paused in turnout.yaml: change it there and apply.</p>}
      {schedule.pause && (
        <p className="text-warn">
          It is <PauseNote pause={schedule.pause} />, since <Time at={schedule.pause.at} relative />.
        </p>
      )}
      {parameters.length > 0 && (
        <p className="mt-1 break-words font-mono text-soft text-xs">
          {parameters.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join("  ")}
        </p>
      )}
    </div>
  );
}

const EXAMPLE = `    schedule:
      cron: "0 6 * * 1-5"
      timezone: America/New_York`;
