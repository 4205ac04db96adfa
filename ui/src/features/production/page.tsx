import { Page } from "~/components/page";

export default function InProductionPage() {
  return <Page title="In production">{null}</Page>;
}
