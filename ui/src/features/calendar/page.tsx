import { getRouteApi } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { api, here, type Schemas } from "~/lib/api";
import { counted, longMonth } from "~/lib/format";
import { now } from "~/lib/now";
import { DayPanel } from "./day";
import { Grid } from "./grid";
import { dayAfter, dayName, daysOf, type Month, monthOf, monthText, shifted, zoneName } from "./month";
import { Remarks } from "./remarks";

type Calendar = Schemas["Calendar"];

const route = getRouteApi("/calendar");

export default function CalendarPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const month = monthOf(search.month, now());
  const days = daysOf(month);
  const zone = zoneName();
  const calendar = useCalendar(days, zone);
  const chosen = search.day ?? (days.some((day) => dayName(day) === dayName(now())) ? dayName(now()) : undefined);
  const go = (to: Month | undefined) => navigate({ search: { month: to && monthText(to) } });
  return (
    <Page
      title="Calendar"
      lead={`When schedules start runs, and where they pile up. Times are ${zone}'s.`}
      actions={
        <>
          <Button aria-label="The month before" onClick={() => go(shifted(month, -1))}>
            <ChevronLeft size={16} aria-hidden />
          </Button>
          <Button onClick={() => go(undefined)}>Today</Button>
          <Button aria-label="The month after" onClick={() => go(shifted(month, 1))}>
            <ChevronRight size={16} aria-hidden />
          </Button>
        </>
      }
    >
      <Panel title={named(month)} note={calendar.data && counted(calendar.data.total, "run")}>
        <Loaded query={calendar} lines={12}>
          {(found) =>
            isEmpty(found) ? (
              <Empty title="No schedule starts anything in these weeks">
                Give a deployment a schedule in turnout.yaml, and apply.
              </Empty>
            ) : (
              <Grid
                days={days}
                month={month}
                calendar={found}
                chosen={chosen}
                onChoose={(day) => navigate({ search: (before) => ({ ...before, day }), replace: true })}
              />
            )
          }
        </Loaded>
      </Panel>
      {calendar.data && (
        <div className="grid gap-x-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
          {chosen ? <DayPanel name={chosen} calendar={calendar.data} /> : <div />}
          <Remarks calendar={calendar.data} />
        </div>
      )}
    </Page>
  );
}

function useCalendar(days: readonly Date[], timezone: string) {
  const first = days[0] ?? new Date();
  // Just before midnight: the server's `start` is left out.
  const start = new Date(first.getTime() - 1).toISOString();
  const end = new Date(dayAfter(days.at(-1) ?? first).getTime() - 1).toISOString();
  return api.useQuery(
    "get",
    "/api/v1/calendar",
    { params: { query: { ...here, start, end, timezone } } },
    { meta: { topics: ["deployments"] }, placeholderData: undefined },
  );
}

function isEmpty(calendar: Calendar): boolean {
  return calendar.total === 0 && calendar.often.length === 0;
}

function named({ year, month }: Month): string {
  return longMonth(year, month);
}
