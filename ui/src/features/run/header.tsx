import { Link } from "@tanstack/react-router";
import { GitCommitHorizontal, Timer, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { State } from "~/components/state";
import { Duration, Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { duration, firstLine, shortCommit } from "~/lib/format";
import { TONE_TEXT, TONES } from "~/lib/states";
import { startedBy } from "./words";

type Seen = Schemas["RunOverview"];

export function Heading({ run }: { run: Schemas["FlowRun"] }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="break-words">
        {run.deployment ? (
          <Link to="/deployments/$name" params={{ name: run.deployment }} className="hover:underline">
            {run.deployment}
          </Link>
        ) : (
          run.flow_name
        )}
        <span className="font-normal text-faint"> / {run.name}</span>
      </span>
      <State state={run.state} name={run.state_name} />
    </span>
  );
}

/** Why it is so, in a sentence; then who, from which commit, and how long. */
export function Lead({ seen }: { seen: Seen }) {
  const { run, usual, release } = seen;
  const loud = run.state === "failed" || run.state === "crashed";
  return (
    <div className="space-y-2">
      <p
        className={`max-w-4xl break-words text-base ${loud ? TONE_TEXT[TONES[run.state]] : "text-ink"}`}
        data-testid="why"
      >
        {seen.sentence}
      </p>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <Fact icon={<UserRound size={14} aria-hidden />}>
          {startedBy(run)} <Time at={run.created_at} relative />
        </Fact>
        {run.spec.commit && (
          <Fact icon={<GitCommitHorizontal size={14} aria-hidden />}>
            <code className="font-mono text-ink text-xs" title={run.spec.commit}>
              {shortCommit(run.spec.commit)}
            </code>
            {release?.message && ` ${firstLine(release.message, 70)}`}
            {release?.author && <span className="text-faint"> by {release.author}</span>}
          </Fact>
        )}
        {run.started_at && (
          <Fact icon={<Timer size={14} aria-hidden />}>
            <Duration from={run.started_at} to={run.ended_at} />
            {usual && <Usual usual={usual} />}
          </Fact>
        )}
      </p>
    </div>
  );
}

function Usual({ usual }: { usual: NonNullable<Seen["usual"]> }) {
  const [middle, low, high] = [usual.median, usual.low, usual.high].map((seconds) => duration(seconds * 1000));
  return (
    <span className="text-faint" title={`Nine of ten of the last ${usual.count} completed runs: ${low} to ${high}`}>
      {" "}
      · usually {middle}
      {low !== high && ` (${low} to ${high})`}
    </span>
  );
}

function Fact({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <span className="shrink-0 text-faint">{icon}</span>
      <span className="min-w-0 break-words">{children}</span>
    </span>
  );
}
