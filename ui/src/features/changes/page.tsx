import { Page } from "~/components/page";

export default function ChangesPage() {
  return <Page title="Changes">{null}</Page>;
}
