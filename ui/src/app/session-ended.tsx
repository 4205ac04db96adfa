import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Command, serverAddress } from "~/components/empty";
import { boot } from "~/lib/boot";
import { sessionBack, useSessionEnded } from "~/lib/session";

const LOOK_MS = 3000;

/** Says that the session is over, above a page that stays as it is; goes away once another tab has logged in. */
export function SessionEnded() {
  const ended = useSessionEnded();
  const queries = useQueryClient();
  useEffect(() => {
    if (!ended) return;
    const timer = setInterval(async () => {
      const answer = await fetch(`${boot.base}api/v1/runs?limit=1`).catch(() => undefined);
      if (!answer?.ok) return;
      sessionBack();
      void queries.invalidateQueries();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [ended, queries]);
  if (!ended) return null;
  return (
    <div role="alert" className="border-warn border-b bg-warn-bg px-4 py-3 md:px-8">
      <p className="font-medium text-warn">Your session has ended.</p>
      <p>
        What you typed is still here. Open a new login link for {serverAddress()} in another tab, and this page goes on:
      </p>
      <Command>turnout login</Command>
    </div>
  );
}
