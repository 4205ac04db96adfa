import {
  Boxes,
  CalendarDays,
  GitCommitHorizontal,
  House,
  ListChecks,
  type LucideIcon,
  Server,
  Settings,
  Table2,
} from "lucide-react";

/** The places of the navigation: in this order, with the key that follows `g`. */
export const PLACES = [
  { to: "/", title: "Home", icon: House, key: "h" },
  { to: "/runs", title: "Runs", icon: ListChecks, key: "r" },
  { to: "/deployments", title: "Deployments", icon: Boxes, key: "d" },
  { to: "/calendar", title: "Calendar", icon: CalendarDays, key: "c" },
  { to: "/production", title: "In production", icon: Table2, key: "p" },
  { to: "/changes", title: "Changes", icon: GitCommitHorizontal, key: "l" },
  { to: "/where", title: "Where it runs", icon: Server, key: "w" },
  { to: "/settings", title: "Settings", icon: Settings, key: "s" },
] as const satisfies readonly { to: string; title: string; icon: LucideIcon; key: string }[];

/** What is held for the keys of commands. */
export const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
