import type { Schemas } from "~/lib/api";

const KINDS: Record<string, string> = {
  admin: "the admin token",
  session: "",
  local: "",
  system: "the server",
  flow: "run",
  deploy: "a deploy",
  run: "its own process",
};

/** "Started by schedule weekdays", "Started by ada". */
export function startedBy(
  run: Pick<Schemas["FlowRun"], "trigger" | "created_by"> & { schedule?: string | null },
): string {
  if (run.trigger === "schedule") return run.schedule ? `By schedule '${run.schedule}'` : "By its schedule";
  if (run.trigger === "after") return "After another deployment";
  if (run.trigger === "script") return `A script of ${person(run.created_by)}`;
  return `By ${person(run.created_by)}`;
}

/** Who acts, of "session:ada" or "admin:admin". */
export function person(principal: string): string {
  const [kind = "", ...rest] = principal.split(":");
  const name = rest.join(":");
  if (kind === "worker") return `a worker of pool ${name.split(/[/.]/).pop()}`;
  const what = KINDS[kind];
  if (what === undefined || !name) return principal;
  if (what === "") return name;
  return kind === "flow" ? `${what} ${name.slice(0, 12)}` : what;
}
