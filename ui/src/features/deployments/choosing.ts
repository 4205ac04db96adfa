import type { Schemas } from "~/lib/api";
import type { DeploymentsSearch } from "./search";

type Thing = Schemas["DeployedThing"];

const WRONG = new Set(["failed", "crashed"]);

/** The deployments that a search asks for. */
export function chosen(things: readonly Thing[], { q, only }: DeploymentsSearch): Thing[] {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return things.filter((thing) => {
    if (only === "failing" && !WRONG.has(thing.runs.find((run) => run.ended_at)?.state ?? "")) return false;
    if (only === "paused" && !thing.pause && !thing.schedules.some((schedule) => schedule.paused)) return false;
    const text = [thing.name, thing.title ?? "", thing.entrypoint, thing.description ?? "", ...thing.tags]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
