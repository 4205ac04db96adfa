import { lazyPart } from "~/components/lazy-part";

/** Parts of a run's page that are loaded when they are first shown. */
export const PARTS = {
  timeline: lazyPart(() => import("./timeline/panel").then((part) => part.TimelinePanel)),
  graph: lazyPart(() => import("./graph/panel").then((part) => part.GraphPanel)),
  log: lazyPart(() => import("./log/panel").then((part) => part.LogPanel)),
  code: lazyPart(() => import("./code").then((part) => part.CodePanel)),
  attempts: lazyPart(() => import("./attempts").then((part) => part.AttemptsPanel)),
};
