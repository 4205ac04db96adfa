/** What the server tells every page in the document itself, so that the frame needs no request of its own. */
export interface Boot {
  /** Where the server is, ending in a slash: behind a proxy with a path of its own, too. */
  base: string;
  version: string;
  /** The server's time when it wrote the document. */
  at?: string;
  user: string;
  namespaces: Namespace[];
}

export interface Namespace {
  project: string;
  environment: string;
}

const PRODUCTION = "production";

export const boot: Boot = read();

/** What this page is about. Every page is about one; it is part of the address only where there are several. */
export const namespace: Namespace | undefined = current();

/** The path that the router's own paths come after, without a slash at its end. */
export const basepath = boot.base.slice(0, -1) + prefix(namespace);

/** Where the pages of another namespace begin. Going there is a new page load. */
export function homeOf(other: Namespace): string {
  return `${boot.base.slice(0, -1)}${prefix(other)}/`;
}

function read(): Boot {
  const text = document.getElementById("boot")?.textContent;
  if (text) return JSON.parse(text);
  return { base: "/", version: "dev", user: "admin", namespaces: [] };
}

function prefix(of: Namespace | undefined): string {
  if (!of || boot.namespaces.length < 2) return "";
  return `/p/${of.project}${of.environment === PRODUCTION ? "" : `@${of.environment}`}`;
}

function current(): Namespace | undefined {
  const path = location.pathname.slice(boot.base.length);
  const named = /^p\/([^/@]+)(?:@([^/]+))?/.exec(path);
  if (!named?.[1]) return boot.namespaces[0];
  return { project: named[1], environment: named[2] ?? PRODUCTION };
}
