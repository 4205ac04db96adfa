import { distance, duration, moment, utc } from "~/lib/format";
import { useNow } from "~/lib/now";

interface TimeProps {
  at: string | null | undefined;
  /** "2 min ago" rather than the hour. */
  relative?: boolean;
}

/** A time in the viewer's zone, with UTC on hover; an en dash for none. */
export function Time({ at, relative }: TimeProps) {
  const now = useNow();
  if (!at) return <span className="text-faint">–</span>;
  const date = new Date(at);
  const exact = moment(date, now);
  return (
    <time dateTime={at} title={relative ? `${exact} · ${utc(date)}` : utc(date)} className="whitespace-nowrap">
      {relative ? distance(date, now) : exact}
    </time>
  );
}

interface DurationProps {
  from: string | null | undefined;
  /** Until now, ticking, when there is none. */
  to?: string | null;
}

/** How long something took, or has been taking. */
export function Duration({ from, to }: DurationProps) {
  if (!from) return <span className="text-faint">–</span>;
  if (!to) return <Ticking from={from} />;
  return <span className="whitespace-nowrap">{duration(Date.parse(to) - Date.parse(from))}</span>;
}

function Ticking({ from }: { from: string }) {
  const ms = useNow().getTime() - Date.parse(from);
  // Tenths of a second would flicker once a second.
  return <span className="whitespace-nowrap">{duration(Math.max(1000, Math.floor(ms / 1000) * 1000))}</span>;
}
