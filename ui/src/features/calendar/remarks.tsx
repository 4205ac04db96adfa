import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Panel } from "~/components/panel";
import { Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { counted, duration } from "~/lib/format";

const MOST = 12;

/** What a calendar cannot draw: where it gets too much, what is not counted, and clocks that change. */
export function Remarks({ calendar }: { calendar: Schemas["Calendar"] }) {
  const groups: [string, ReactNode[]][] = [
    [
      "Asked for more than there is",
      calendar.clashes.map((one) => (
        <>
          <span className="font-medium">{one.limit}</span> has {one.capacity} and is asked for {one.peak}, first{" "}
          <Time at={one.at} />; runs wait for {duration(one.seconds * 1000)} in all
        </>
      )),
    ],
    [
      "Not over before the next",
      calendar.overlaps.map((one) => (
        <>
          <To name={one.deployment} /> usually takes {duration(one.usual_seconds * 1000)}; {counted(one.runs, "run")}{" "}
          {one.runs === 1 ? "starts" : "start"} earlier than that, first <Time at={one.first} />
        </>
      )),
    ],
    [
      "Clocks change",
      calendar.changes
        .filter((one) => one.runs > 0)
        .map((one) => (
          <>
            {one.timezone} goes {one.seconds > 0 ? "forward" : "back"} <Time at={one.at} />, {counted(one.runs, "run")}{" "}
            near it
          </>
        )),
    ],
    [
      "Too often to be drawn",
      calendar.often.map((one) => (
        <>
          <To name={one.deployment} />: {one.sentence}
        </>
      )),
    ],
    ["Paused", calendar.paused.map((label) => <To key={label} name={label.split("/")[0] ?? label} text={label} />)],
    ["Nobody knows how long they take", calendar.unknown.map((name) => <To key={name} name={name} />)],
  ];
  const shown = groups.filter(([, lines]) => lines.length > 0);
  if (!shown.length) return null;
  return (
    <Panel title="Worth knowing" padded>
      {shown.map(([title, lines]) => (
        <section key={title} className="mb-4 last:mb-0">
          <h3 className="mb-1 text-faint text-xs">{title}</h3>
          <ul className="space-y-1">
            {lines.slice(0, MOST).map((line, at) => (
              <li key={`${title}${String(at)}`}>{line}</li>
            ))}
            {lines.length > MOST && <li className="text-soft">and {lines.length - MOST} more</li>}
          </ul>
        </section>
      ))}
    </Panel>
  );
}

function To({ name, text = name }: { name: string; text?: string }) {
  return (
    <Link
      to="/deployments/$name"
      params={{ name }}
      search={{ tab: "schedule" }}
      className="font-medium hover:underline"
    >
      {text}
    </Link>
  );
}
