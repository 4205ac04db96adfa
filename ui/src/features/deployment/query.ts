import { api, here } from "~/lib/api";

/** What is deployed under a name. */
export function deploymentQuery(name: string) {
  return api.queryOptions(
    "get",
    "/api/v1/deployments/{name}/detail",
    { params: { path: { name }, query: here } },
    { meta: { topics: ["deployments", "runs"] } },
  );
}
