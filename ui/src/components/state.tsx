import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  Unplug,
} from "lucide-react";
import type { RunState } from "~/lib/api";
import { TONE_PILL, TONE_TEXT, TONES } from "~/lib/states";

const ICONS: Record<RunState, LucideIcon> = {
  scheduled: Clock,
  pending: CircleDashed,
  running: LoaderCircle,
  paused: CirclePause,
  cancelling: CircleSlash,
  completed: CircleCheck,
  failed: CircleX,
  crashed: Unplug,
  cancelled: Ban,
  skipped: CircleSlash,
};

interface Props {
  state: RunState;
  /** The more precise name, if there is one: Late, TimedOut, Cached. */
  name?: string | null;
}

/** A state as a pill: icon, word and colour. */
export function State({ state, name }: Props) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap rounded-full py-0.5 pr-2.5 pl-2 font-medium text-xs ${TONE_PILL[TONES[state]]}`}
    >
      <StateIcon state={state} />
      {name || word(state)}
    </span>
  );
}

/** A state's icon alone, where the word stands beside it or in a label. */
export function StateIcon({ state, label, size = 14 }: { state: RunState; label?: boolean; size?: number }) {
  const Icon = ICONS[state];
  const turning = state === "running" ? "animate-spin [animation-duration:2.4s] motion-reduce:animate-none" : "";
  return (
    <Icon
      size={size}
      strokeWidth={2.2}
      className={`shrink-0 ${TONE_TEXT[TONES[state]]} ${turning}`}
      {...(label ? { role: "img", "aria-label": word(state) } : { "aria-hidden": true })}
    />
  );
}

function word(state: RunState): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}
