export interface ProductionSearch {
  q?: string;
}

export function readProductionSearch({ q }: Record<string, unknown>): ProductionSearch {
  return { q: typeof q === "string" && q ? q : undefined };
}
