export interface CalendarSearch {
  /** 2026-11; this month if left out. */
  month?: string;
  /** 2026-11-24. */
  day?: string;
}

export function readCalendarSearch(given: Record<string, unknown>): CalendarSearch {
  const { month, day } = given;
  return {
    month: typeof month === "string" && /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? month : undefined,
    day: typeof day === "string" && /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined,
  };
}
