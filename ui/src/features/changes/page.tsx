import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { fetcher, here, type Schemas } from "~/lib/api";
import { counted, firstLine, shortCommit } from "~/lib/format";
import { ReleaseChanges } from "./release";
import { RollbackDialog } from "./rollback";

type Release = Schemas["Release"];

const PAGE = 30;
const route = getRouteApi("/changes");

export default function ChangesPage() {
  const { release: chosen } = route.useSearch();
  const [backTo, setBackTo] = useState<number>();
  const releases = useInfiniteQuery({
    queryKey: ["releases"],
    meta: { topics: ["deployments"] },
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...here, limit: PAGE, after: pageParam };
      const { data, error } = await fetcher.GET("/api/v1/releases", { params: { query }, signal });
      if (!data) throw error;
      return data;
    },
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.number),
  });
  const newest = releases.data?.pages[0]?.[0];
  const current = chosen ?? newest?.number;
  return (
    <Page title="Changes" lead="What was deployed, when and by whom; what each release changed, and the way back.">
      <div className="grid gap-x-6 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <Panel title="Releases">
          <Loaded query={{ data: releases.data, error: releases.error, refetch: releases.refetch }} lines={8}>
            {({ pages }) =>
              newest ? (
                <>
                  <ol>
                    {pages.flat().map((release) => (
                      <Row
                        key={release.number}
                        release={release}
                        current={release.number === current}
                        deployed={release === newest}
                      />
                    ))}
                  </ol>
                  {releases.hasNextPage && (
                    <div className="border-line border-t p-3 text-center">
                      <Button onClick={() => releases.fetchNextPage()} disabled={releases.isFetchingNextPage}>
                        Older releases
                      </Button>
                    </div>
                  )}
                </>
              ) : (
                <Empty title="Nothing was deployed yet" command="turnout apply" />
              )
            }
          </Loaded>
        </Panel>
        {current !== undefined && <ReleaseChanges key={current} number={current} onBack={setBackTo} />}
      </div>
      {backTo !== undefined && <RollbackDialog number={backTo} onClose={() => setBackTo(undefined)} />}
    </Page>
  );
}

function Row({ release, current, deployed }: { release: Release; current: boolean; deployed: boolean }) {
  const navigate = route.useNavigate();
  return (
    <li className="border-line border-b last:border-b-0">
      <button
        type="button"
        aria-current={current}
        onClick={() => navigate({ search: { release: release.number } })}
        className="w-full px-4 py-3 text-left hover:bg-hover/60 aria-[current=true]:bg-accent-bg"
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 truncate font-medium">
            {firstLine(release.message) || `Release ${release.number}`}
          </span>
          <span className="shrink-0 text-soft text-xs">
            <Time at={release.applied_at} relative />
          </span>
        </span>
        <span className="mt-0.5 flex flex-wrap items-baseline gap-x-3 text-soft text-xs">
          <span>#{release.number}</span>
          {release.commit && <code className="font-mono">{shortCommit(release.commit)}</code>}
          <Counts summary={release.summary as Record<string, number>} />
          {deployed && <span className="rounded bg-good-bg px-1.5 font-medium text-good">deployed</span>}
        </span>
      </button>
    </li>
  );
}

/** How much a release created, changed and removed. */
function Counts({ summary }: { summary: Record<string, number> }) {
  const { create = 0, change = 0, remove = 0 } = summary;
  if (!create && !change && !remove) return <span>code only</span>;
  const words = [create && counted(create, "new", "new"), change && `${change} changed`, remove && `${remove} removed`];
  return (
    <span role="img" aria-label={words.filter(Boolean).join(", ")} className="space-x-1.5">
      {create > 0 && <span className="text-good">+{create}</span>}
      {change > 0 && <span className="text-warn">~{change}</span>}
      {remove > 0 && <span className="text-bad">−{remove}</span>}
    </span>
  );
}
