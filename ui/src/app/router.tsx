import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { basepath } from "~/lib/boot";
import { NotFound, PageFailed } from "./failures";
import { Shell } from "./shell";

/* The page map. A page is one lazy file, `features/<noun>/page.tsx`; what it keeps in the address is read by
   `features/<noun>/search.ts`, which is part of the frame and therefore small. */

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("~/features/home/page")),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("~/features/runs/page")),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  component: lazyRouteComponent(() => import("~/features/run/page")),
});

const deployments = createRoute({
  getParentRoute: () => root,
  path: "/deployments",
  component: lazyRouteComponent(() => import("~/features/deployments/page")),
});

const deployment = createRoute({
  getParentRoute: () => root,
  path: "/deployments/$name",
  component: lazyRouteComponent(() => import("~/features/deployment/page")),
});

const calendar = createRoute({
  getParentRoute: () => root,
  path: "/calendar",
  component: lazyRouteComponent(() => import("~/features/calendar/page")),
});

const production = createRoute({
  getParentRoute: () => root,
  path: "/production",
  component: lazyRouteComponent(() => import("~/features/production/page")),
});

const changes = createRoute({
  getParentRoute: () => root,
  path: "/changes",
  component: lazyRouteComponent(() => import("~/features/changes/page")),
});

const where = createRoute({
  getParentRoute: () => root,
  path: "/where",
  component: lazyRouteComponent(() => import("~/features/where/page")),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("~/features/settings/page")),
});

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
]);

export const router = createRouter({
  routeTree,
  basepath: basepath || "/",
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
