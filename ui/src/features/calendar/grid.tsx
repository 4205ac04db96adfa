import type { Schemas } from "~/lib/api";
import { counted, longDay } from "~/lib/format";
import { now } from "~/lib/now";
import { dayName, type Month } from "./month";

type Calendar = Schemas["Calendar"];
type Day = Schemas["CalendarDay"];

const WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

interface GridProps {
  days: readonly Date[];
  month: Month;
  calendar: Calendar;
  chosen: string | undefined;
  onChoose: (day: string) => void;
}

/** A month as weeks. A day tells its number of runs, and by 24 bars the hours that they start in. */
export function Grid({ days, month, calendar, chosen, onChoose }: GridProps) {
  const known = new Map(calendar.days.map((day) => [day.date, day]));
  const most = Math.max(1, ...calendar.days.map((day) => day.runs));
  const busiest = Math.max(1, ...calendar.days.flatMap((day) => day.hours));
  const today = dayName(now());
  return (
    <div className="grid grid-cols-7 gap-px bg-line">
      {WEEK.map((name) => (
        <div key={name} aria-hidden className="bg-card px-2 py-1.5 text-faint text-xs">
          {name}
        </div>
      ))}
      {days.map((date) => {
        const name = dayName(date);
        const day = known.get(name);
        return (
          <button
            key={name}
            type="button"
            aria-pressed={name === chosen}
            aria-current={name === today ? "date" : undefined}
            onClick={() => onChoose(name)}
            className={`relative flex min-h-14 flex-col bg-card p-1.5 text-left hover:bg-hover aria-pressed:outline-2 aria-pressed:outline-accent aria-pressed:-outline-offset-2 md:min-h-24 md:p-2 ${date.getMonth() + 1 === month.month ? "" : "bg-sunk!"}`}
          >
            <span
              aria-hidden
              className="absolute inset-0 bg-accent"
              style={{ opacity: day && date.getMonth() + 1 === month.month ? 0.03 + (day.runs / most) * 0.12 : 0 }}
            />
            <span className="sr-only">{`${longDay(date)}: ${counted(day?.runs ?? 0, "run")}`}</span>
            <span
              aria-hidden
              className={`relative text-xs ${name === today ? "rounded-full bg-accent px-1.5 font-semibold text-accent-ink" : "text-soft"} w-fit`}
            >
              {date.getDate()}
            </span>
            {day && (
              <span aria-hidden className="relative mt-auto">
                <span className="font-semibold">{day.runs}</span>
                <span className="text-soft text-xs max-md:hidden"> {day.runs === 1 ? "run" : "runs"}</span>
                <Hours day={day} busiest={busiest} />
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}

function Hours({ day, busiest }: { day: Day; busiest: number }) {
  return (
    <svg
      viewBox="0 0 96 16"
      className="mt-1 block h-4 w-full max-md:hidden"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {day.hours.map((count, hour) => {
        const height = count ? Math.max(2, (count / busiest) * 16) : 0.6;
        const look = count ? "fill-accent" : "fill-line-strong";
        return (
          <rect
            key={`${day.date}-${hour * 4}`}
            x={hour * 4 + 0.5}
            y={16 - height}
            width={3}
            height={height}
            className={look}
          />
        );
      })}
    </svg>
  );
}
