import type { Schemas } from "~/lib/api";
import { count } from "~/lib/format";

/** "1,234", or "10,000+" where not all were looked at. */
export function totalOf(counted: Schemas["RunCount"]): string {
  const number = sumOf(counted);
  return counted.complete ? count(number) : `${count(number)}+`;
}

/** Of those that were looked at. */
export function sumOf({ states }: Schemas["RunCount"]): number {
  return Object.values(states).reduce((sum, one) => sum + one, 0);
}
