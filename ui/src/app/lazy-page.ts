import { lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";

/** A file of the UI did not come: the server is gone, or it was upgraded and has it no longer. */
export class Missing extends Error {}

/** A page that is loaded when it is first opened. When its file does not come, that is told in the frame: the router
 * itself would load the whole document anew, which shows nothing at all while the server is gone. */
export function lazyPage(load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(() => load().catch(missing));
}

export function missing(error: unknown): never {
  throw new Missing(String(error));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Missing || (error instanceof Error && FILE.test(error.message));
}

const FILE = /dynamically imported module|Importing a module|module script/;
