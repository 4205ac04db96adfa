export interface ChangesSearch {
  /** The release whose changes are shown. */
  release?: number;
}

export function readChangesSearch({ release }: Record<string, unknown>): ChangesSearch {
  return { release: typeof release === "number" && Number.isSafeInteger(release) && release > 0 ? release : undefined };
}
