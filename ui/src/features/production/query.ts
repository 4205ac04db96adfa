import { api, here } from "~/lib/api";

/** Everything that runs, with the last run of each. */
export function productionQuery() {
  return api.queryOptions(
    "get",
    "/api/v1/production",
    { params: { query: { ...here, runs: 1 } } },
    { meta: { topics: ["deployments", "runs"] } },
  );
}
