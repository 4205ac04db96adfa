import type { Schemas } from "~/lib/api";
import { count } from "~/lib/format";

/** "1,234", or "10,000+" where not all were looked at. */
export function totalOf({ states, complete }: Schemas["RunCount"]): string {
  const number = Object.values(states).reduce((sum, one) => sum + one, 0);
  return complete ? count(number) : `${count(number)}+`;
}
