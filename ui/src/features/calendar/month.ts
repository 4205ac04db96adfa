/** Months as a grid of weeks that begin on Monday, in the viewer's zone. Days are named "2026-11-24". */

export interface Month {
  year: number;
  /** 1 to 12. */
  month: number;
}

export function monthOf(text: string | undefined, now: Date): Month {
  const [year, month] = (text ?? "").split("-").map(Number);
  return year && month ? { year, month } : { year: now.getFullYear(), month: now.getMonth() + 1 };
}

export function shifted({ year, month }: Month, by: number): Month {
  const at = new Date(year, month - 1 + by, 1);
  return { year: at.getFullYear(), month: at.getMonth() + 1 };
}

export function monthText({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}

/** The days of a month with the ends of its first and last weeks. */
export function daysOf({ year, month }: Month): Date[] {
  const first = new Date(year, month - 1, 1);
  const before = (first.getDay() + 6) % 7;
  const count = new Date(year, month, 0).getDate();
  const all = Math.ceil((before + count) / 7) * 7;
  // By the calendar, not by 24 hours: two days a year have 23 or 25.
  return Array.from({ length: all }, (_, at) => new Date(year, month - 1, 1 - before + at));
}

export function dayName(day: Date): string {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

export function dayAfter(day: Date): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
}

/** The local day called `name`. */
export function dayCalled(name: string): Date {
  const [year = 0, month = 1, day = 1] = name.split("-").map(Number);
  return new Date(year, month - 1, day);
}

/** The zone's name as the server knows it. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
