import { Page } from "~/components/page";

export default function RunPage() {
  return <Page title="Run">{null}</Page>;
}
