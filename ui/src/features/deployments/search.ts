export interface DeploymentsSearch {
  q?: string;
  only?: "failing" | "paused";
}

export function readDeploymentsSearch(given: Record<string, unknown>): DeploymentsSearch {
  const q = typeof given.q === "string" && given.q ? given.q : undefined;
  const only = given.only === "failing" || given.only === "paused" ? given.only : undefined;
  return { q, only };
}
