import type { FetchQueryOptions, QueryKey } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { readCalendarSearch } from "~/features/calendar/search";
import { readChangesSearch } from "~/features/changes/search";
import { deploymentQuery } from "~/features/deployment/query";
import { readDeploymentSearch } from "~/features/deployment/search";
import { deploymentsQuery } from "~/features/deployments/query";
import { readDeploymentsSearch } from "~/features/deployments/search";
import { homeQuery } from "~/features/home/query";
import { productionQuery } from "~/features/production/query";
import { readProductionSearch } from "~/features/production/search";
import { askAhead, logAddress, pageAround } from "~/features/run/log/portion";
import { PARTS } from "~/features/run/parts";
import { readSearch } from "~/features/run/search";
import { seenQuery } from "~/features/run/seen";
import { countQuery, runsQuery } from "~/features/runs/query";
import { readRunsSearch } from "~/features/runs/search";
import { readSettingsSearch } from "~/features/settings/search";
import { basepath, namespace } from "~/lib/boot";
import { before } from "~/lib/patience";
import { NotFound, PageComing, PageFailed } from "./failures";
import { lazyPage } from "./lazy-page";
import { queries } from "./live";
import { Shell } from "./shell";

/* The page map. A page is one lazy file, `features/<noun>/page.tsx`; what it keeps in the address is read by
   `features/<noun>/search.ts` and what it asks for first is named by `features/<noun>/query.ts`, which are part of the
   frame and therefore small: the data is under way while the page's own file is. */

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  loader: ({ cause }) => (namespace ? before(cause, ask(homeQuery())) : undefined),
  component: lazyPage(() => import("~/features/home/page")),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: readRunsSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ deps, cause }) => before(cause, ask(runsQuery(deps)), ask(countQuery(deps))),
  component: lazyPage(() => import("~/features/runs/page")),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  validateSearch: readSearch,
  loaderDeps: ({ search: { tab, attempt } }) => ({ tab, attempt }),
  loader: ({ params, deps: { tab, attempt }, cause, location }) => {
    const part = tab && tab !== "overview" ? PARTS[tab].load() : Promise.resolve();
    const seen = ask(seenQuery(params.id, attempt));
    const { line = 0, level, task } = readSearch(location.search);
    if (cause === "enter" && tab === "log" && level === undefined && task === undefined) {
      void seen.then(() => {
        const found = queries.getQueryData(seenQuery(params.id, attempt).queryKey);
        if (found) askAhead(pageAround(logAddress(params.id), found.attempt, line));
      });
    }
    return before(cause, seen, part);
  },
  component: lazyPage(() => import("~/features/run/page")),
});

const deployments = createRoute({
  getParentRoute: () => root,
  path: "/deployments",
  validateSearch: readDeploymentsSearch,
  loader: ({ cause }) => before(cause, ask(deploymentsQuery())),
  component: lazyPage(() => import("~/features/deployments/page")),
});

const deployment = createRoute({
  getParentRoute: () => root,
  path: "/deployments/$name",
  validateSearch: readDeploymentSearch,
  loader: ({ params, cause }) => before(cause, ask(deploymentQuery(params.name))),
  component: lazyPage(() => import("~/features/deployment/page")),
});

const calendar = createRoute({
  getParentRoute: () => root,
  path: "/calendar",
  validateSearch: readCalendarSearch,
  component: lazyPage(() => import("~/features/calendar/page")),
});

const production = createRoute({
  getParentRoute: () => root,
  path: "/production",
  validateSearch: readProductionSearch,
  loader: ({ cause }) => before(cause, ask(productionQuery())),
  component: lazyPage(() => import("~/features/production/page")),
});

const changes = createRoute({
  getParentRoute: () => root,
  path: "/changes",
  validateSearch: readChangesSearch,
  component: lazyPage(() => import("~/features/changes/page")),
});

const where = createRoute({
  getParentRoute: () => root,
  path: "/where",
  component: lazyPage(() => import("~/features/where/page")),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: readSettingsSearch,
  component: lazyPage(() => import("~/features/settings/page")),
});

/** Never part of a build: the condition is known when it is made. */
const workshop = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/dev/components",
        component: lazyPage(() => import("./dev/components")),
      }),
    ]
  : [];

const routeTree = root.addChildren([
  home,
  runs,
  run,
  deployments,
  deployment,
  calendar,
  production,
  changes,
  where,
  settings,
  ...workshop,
]);

export const router = createRouter({
  routeTree,
  basepath: basepath || "/",
  // Of each page and not of the root alone: the frame stays around a page that failed or is slow.
  defaultErrorComponent: PageFailed,
  defaultPendingComponent: PageComing,
  defaultPendingMs: 400,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

/** Have the server asked for what a page is going to ask for; the page tells how that went. */
function ask<Data, Failure, Key extends QueryKey>(query: FetchQueryOptions<Data, Failure, Data, Key>): Promise<void> {
  return queries.prefetchQuery(query);
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
