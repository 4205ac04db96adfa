import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Button, buttonLook } from "~/components/button";
import { Page } from "~/components/page";
import { Failure, Panel, Placeholder } from "~/components/panel";
import { boot } from "~/lib/boot";
import { isMissing } from "./lazy-page";

export function NotFound() {
  return (
    <Page title="Not here" lead="There is no page at this address.">
      <Link to="/" className={buttonLook()}>
        Home
      </Link>
    </Page>
  );
}

/** A page whose file is on its way. */
export function PageComing() {
  return (
    <Page title="Loading" heading={<span aria-hidden="true">&nbsp;</span>}>
      <Panel>
        <Placeholder lines={6} />
      </Panel>
    </Page>
  );
}

/** A page that broke: by a fault of its own, or because its file did not come. */
export function PageFailed({ error }: { error: unknown }) {
  if (isMissing(error)) return <PageMissing file={String(error)} />;
  return (
    <Page title="This page failed">
      <Panel>
        <Failure error={{ title: "This page failed", status: 0, detail: String(error) }} />
      </Panel>
      <Button onClick={() => location.reload()}>Load it again</Button>
    </Page>
  );
}

const LOOK_MS = 3000;
/** A page that was loaded anew for the same file so recently is not again by itself. */
const AGAIN_MS = 30_000;
const MARK = "turnout:missing";

/** Loads the document anew as soon as the server has it, and never for nothing: a browser's own page about a server
 * that is gone knows no way back. */
function PageMissing({ file }: { file: string }) {
  const [trying, setTrying] = useState(false);
  const load = async (asked: boolean) => {
    setTrying(asked);
    if ((await isThere()) && (asked || isFirst(file))) location.reload();
    else setTrying(false);
  };
  useEffect(() => {
    const timer = setInterval(() => void load(false), LOOK_MS);
    void load(false);
    return () => clearInterval(timer);
  }, [file]);
  return (
    <Page title="This page could not be loaded">
      <Panel>
        <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
          <div className="min-w-0 flex-1">
            <p className="font-medium text-bad">The server does not answer, or was upgraded since you came.</p>
            <p className="text-soft">This page is loaded as soon as the server has it.</p>
          </div>
          <Button aria-disabled={trying} onClick={() => load(true)}>
            {trying ? "Trying…" : "Try again"}
          </Button>
        </div>
      </Panel>
    </Page>
  );
}

async function isThere(): Promise<boolean> {
  const answer = await fetch(boot.base, { cache: "no-store" }).catch(() => undefined);
  return answer?.ok ?? false;
}

function isFirst(file: string): boolean {
  const [before, at] = JSON.parse(sessionStorage.getItem(MARK) ?? "[]");
  if (before === file && Date.now() - at < AGAIN_MS) return false;
  sessionStorage.setItem(MARK, JSON.stringify([file, Date.now()]));
  return true;
}
