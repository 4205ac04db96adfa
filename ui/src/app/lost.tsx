import { Time } from "~/components/time";
import { useLost } from "~/lib/contact";

/** Says that the server does not answer, above a page that stays as it is; goes away once it does. */
export function Lost() {
  const since = useLost();
  if (!since) return null;
  return (
    <div role="status" className="border-warn border-b bg-warn-bg px-4 py-3 md:px-8">
      <p className="font-medium text-warn">The server does not answer.</p>
      <p>
        It last did at <Time at={since.toISOString()} />: what you see is no newer. This page goes on by itself once the
        server is back, and nothing that you typed is lost.
      </p>
    </div>
  );
}
