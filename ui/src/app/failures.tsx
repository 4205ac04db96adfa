import { Link } from "@tanstack/react-router";
import { buttonLook } from "~/components/button";
import { Page } from "~/components/page";
import { Failure, Panel } from "~/components/panel";

export function NotFound() {
  return (
    <Page title="Not here" lead="There is no page at this address.">
      <Link to="/" className={buttonLook()}>
        Home
      </Link>
    </Page>
  );
}

/** A page that broke: by a fault of its own, or because a newer server no longer has its files. */
export function PageFailed({ error }: { error: unknown }) {
  const gone = error instanceof Error && /dynamically imported module|Importing a module/.test(error.message);
  return (
    <Page title="This page failed">
      <Panel>
        {gone ? (
          <p className="px-4 py-3.5">The server was upgraded since this page was opened.</p>
        ) : (
          <Failure error={{ title: "This page failed", status: 0, detail: String(error) }} />
        )}
      </Panel>
      <button type="button" className={buttonLook()} onClick={() => location.reload()}>
        Load it again
      </button>
    </Page>
  );
}
