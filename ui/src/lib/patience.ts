/** For so long a page waits for its first answers before it is shown with place-holders. Most come sooner: then it is
 * drawn once, not twice, and nothing flickers. */
export const PATIENCE_MS = 150;

/** What a loader returns: somebody who comes to a page waits for this `work`, as far as the patience goes. Who is there
 * and changes a filter is not held up. */
export async function before(cause: "enter" | "stay" | "preload", ...work: Promise<unknown>[]): Promise<void> {
  const done = Promise.allSettled(work); // what failed is told where it is shown
  if (cause !== "enter") return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((over) => {
    timer = setTimeout(over, PATIENCE_MS);
  });
  await Promise.race([done, patience]);
  clearTimeout(timer);
}
