import { api, here } from "~/lib/api";

/** All that the page shows. */
export function homeQuery() {
  return api.queryOptions(
    "get",
    "/api/v1/views/home",
    { params: { query: here } },
    { meta: { topics: ["runs", "deployments", "workers", "attention"] } },
  );
}
