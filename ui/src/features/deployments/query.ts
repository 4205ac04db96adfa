import { api, here } from "~/lib/api";

/** How many of a deployment's newest runs are shown as bars. */
export const SLOTS = 20;

/** Every deployment, with its newest runs. */
export function deploymentsQuery() {
  return api.queryOptions(
    "get",
    "/api/v1/production",
    { params: { query: { ...here, runs: SLOTS } } },
    { meta: { topics: ["deployments", "runs"] } },
  );
}
